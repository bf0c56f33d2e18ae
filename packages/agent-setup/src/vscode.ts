import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

const hook = (command: string) => ({ type: 'command', command, timeout: 10 })

/** VS Code reads hooks from every file of that folder, so setup can use a separate file. */
export const vscode: Agent = {
  name: 'vscode',
  title: 'VS Code (Copilot)',
  detectPaths: { project: ['.vscode', '.github/copilot-instructions.md'], home: ['.vscode'] },
  edits: [
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
    'VS Code asks once whether to trust the server claimlog; agent hooks are a preview, which an organization may have disabled.',
  ],
}
