import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { tomlEntry } from './toml-entry.ts'

const hook = (command: string) => ({ type: 'command', command, timeout: 10 })

/** The hooks are in a file of their own, as comments and order of config.toml are a person's. */
export const codex: Agent = {
  name: 'codex',
  title: 'Codex',
  signs: { project: ['.codex'], home: ['.codex'] },
  parts: [
    tomlEntry('.codex/config.toml', 'mcp_servers', 'codex'),
    hookEntries('.codex/hooks.json', {
      agent: 'codex',
      shape: 'grouped',
      start: { event: 'SessionStart', matcher: 'startup|resume|clear|compact', hook },
      end: { event: 'Stop', hook },
    }),
  ],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: [
    'Codex reads .codex/ only in a project that it was told to trust, and runs hooks once /hooks has approved them.',
  ],
}
