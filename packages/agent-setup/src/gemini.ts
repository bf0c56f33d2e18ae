import type { Agent } from './agent.ts'
import { hookEntries } from './hook-entries.ts'
import { mcpEntry } from './mcp-entry.ts'

const hook = (command: string) => ({ name: 'claimlog', type: 'command', command, timeout: 10_000 })
const settings = '.gemini/settings.json'

/** Has no compaction hook: Gemini's cannot add to the context after it. Timeouts are in milliseconds. */
export const gemini: Agent = {
  name: 'gemini',
  title: 'Gemini CLI',
  detectPaths: { project: ['.gemini', 'GEMINI.md'], home: ['.gemini'] },
  edits: [
    mcpEntry(settings, 'mcpServers'),
    hookEntries(settings, {
      agent: 'gemini',
      shape: 'grouped',
      start: { event: 'SessionStart', hook },
      end: { event: 'SessionEnd', hook },
    }),
  ],
  instructions: {
    paths: ['GEMINI.md'],
    importsFiles: true,
    settings: { path: settings, keyPaths: [['context', 'fileName'], ['contextFileName']] },
  },
  notes: ['Gemini CLI reads .gemini/ only in trusted folders, and warns once about new hooks.'],
}
