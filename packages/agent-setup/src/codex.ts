import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { tomlEntry } from './toml-entry.ts'

const hook = (command: string) => ({ type: 'command', command, timeout: 10 })

/** The hooks are in a separate file, as the comments and the order of config.toml belong to the user. */
export const codex: Agent = {
  name: 'codex',
  title: 'Codex',
  detectPaths: { project: ['.codex'], home: ['.codex'] },
  edits: [
    tomlEntry('.codex/config.toml', 'mcp_servers', 'codex'),
    hookEntries('.codex/hooks.json', {
      agent: 'codex',
      shape: 'grouped',
      start: { event: 'SessionStart', matcher: 'startup|resume|clear|compact', hook },
      end: { event: 'Stop', hook },
    }),
  ],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: ['Codex reads .codex/ only in trusted projects, and runs hooks only after you approve them with /hooks.'],
}
