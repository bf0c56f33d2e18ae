import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

/** Its hook before compaction can tell a person something, and the agent nothing. */
export const cursor: Agent = {
  name: 'cursor',
  title: 'Cursor',
  signs: { project: ['.cursor', '.cursorrules'], home: ['.cursor'] },
  parts: [
    mcpEntry('.cursor/mcp.json', 'mcpServers', { cwd: '${workspaceFolder}' }),
    hookEntries('.cursor/hooks.json', {
      agent: 'cursor',
      shape: 'flat',
      root: { version: 1 },
      start: { event: 'sessionStart', hook: command => ({ command }) },
      end: { event: 'stop', hook: command => ({ command, loop_limit: 1 }) },
    }),
  ],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: ['Cursor lists the server claimlog under Settings, MCP, where it is switched on.'],
}
