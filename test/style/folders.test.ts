import { describe, expect, it } from 'vitest'
import { countByFolder, listSources } from './source-files.ts'

/** A folder with more source files, not counting tests, needs subfolders or a reason. */
const filesMax = 15

/** Folders that may have more, the reason, and their own limit. */
const exceptions: Readonly<Record<string, { readonly reason: string; readonly filesMax: number }>> = {
  'packages/agent-setup/src': { reason: 'one file per agent or kind of entry', filesMax: 28 },
  'packages/checkpoint/src': { reason: 'one store, from its manifest down to its blocks', filesMax: 16 },
  'packages/command-runner/src': { reason: 'the life of one command', filesMax: 18 },
  'packages/doctor/src': { reason: 'one file per check, and verify and replay', filesMax: 24 },
  'packages/exporters/src': { reason: 'one file per format', filesMax: 26 },
  'packages/importers/src': { reason: 'one file per format', filesMax: 22 },
  'packages/messages/src': { reason: 'one file per family of messages', filesMax: 22 },
  'packages/cli/src/commands': { reason: 'one file per command', filesMax: 32 },
  'packages/cli/src/render': { reason: 'one file per output', filesMax: 22 },
  'packages/domain/src/decide': { reason: 'one file per command', filesMax: 24 },
  'packages/domain/src/events': { reason: 'one file per event', filesMax: 22 },
  'packages/domain/src/queries': { reason: 'one file per query', filesMax: 20 },
  'packages/wire/src/documents': { reason: 'one file per family of documents', filesMax: 26 },
  'test/programs': { reason: 'one file per program that tests start', filesMax: 24 },
  'test/simulator': { reason: 'one simulated machine and its processes', filesMax: 20 },
  'test/soak': { reason: 'one soak run and its participants', filesMax: 18 },
}

describe('a folder', () => {
  const sources = ['packages', 'scripts', 'test'].flatMap(listSources)
  const counts = countByFolder(sources.filter(path => !path.endsWith('.test.ts')))

  it(`has at most ${filesMax} source files, or a reason to have more`, () => {
    const limit = (folder: string): number => exceptions[folder]?.filesMax ?? filesMax
    const crowded = [...counts].filter(([folder, count]) => count > limit(folder))
    expect(crowded.map(([folder, count]) => `${folder}: ${count}`)).toEqual([])
  })

  it('keeps its reason only while it has more', () => {
    expect(Object.keys(exceptions).filter(folder => (counts.get(folder) ?? 0) <= filesMax)).toEqual([])
  })
})
