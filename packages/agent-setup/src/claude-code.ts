import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

const hook = (command: string) => ({ type: 'command', command, timeout: 10 })

/** The output of its hook before a compaction becomes part of the instructions for the summary. */
export const claudeCode: Agent = {
  name: 'claude-code',
  title: 'Claude Code',
  detectPaths: { project: ['.claude', 'CLAUDE.md', '.mcp.json'], home: ['.claude'] },
  edits: [
    mcpEntry('.mcp.json', 'mcpServers'),
    hookEntries('.claude/settings.json', {
      agent: 'claude-code',
      shape: 'grouped',
      start: { event: 'SessionStart', matcher: 'startup|resume|clear|compact', hook },
      compaction: { event: 'PreCompact', hook },
      end: { event: 'Stop', hook },
    }),
  ],
  instructions: { paths: ['CLAUDE.md', '.claude/CLAUDE.md'], importsFiles: true },
  notes: ['Claude Code asks once to approve the server claimlog in .mcp.json.'],
}
