import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

const hook = (command: string) => ({ type: 'command', command, timeout: 10 })

/** Its hooks are read from every file of that folder, so that ours need no other. */
export const vscode: Agent = {
  name: 'vscode',
  title: 'VS Code (Copilot)',
  signs: { project: ['.vscode', '.github/copilot-instructions.md'], home: ['.vscode'] },
  parts: [
    mcpEntry('.vscode/mcp.json', 'servers', { fields: { type: 'stdio', cwd: '${workspaceFolder}' } }),
    hookEntries('.github/hooks/claimlog.json', {
      agent: 'vscode',
      shape: 'flat',
      start: { event: 'SessionStart', hook },
      end: { event: 'Stop', hook },
    }),
  ],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: [
    'VS Code asks once whether it trusts the server claimlog; agent hooks are a preview that an organization may have switched off.',
  ],
}
