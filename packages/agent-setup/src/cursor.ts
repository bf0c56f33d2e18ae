import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

/** Has no compaction hook: Cursor's can show a message to the user, but not to the agent. */
export const cursor: Agent = {
  name: 'cursor',
  title: 'Cursor',
  detectPaths: { project: ['.cursor', '.cursorrules'], home: ['.cursor'] },
  edits: [
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
  notes: ['Enable the server claimlog in Cursor under Settings, MCP.'],
}
