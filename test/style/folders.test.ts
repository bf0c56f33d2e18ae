import { describe, expect, it } from 'vitest'
import { countByFolder, sourceFilesUnder } from './source-files.ts'

/** A folder of more files than these, tests aside, wants folders, or a reason. */
const filesMax = 15

/** The folders that may have more, why, and how many at most. */
const reasons: Readonly<Record<string, { readonly reason: string; readonly most: number }>> = {
  'packages/agent-setup/src': { reason: 'one file an agent or a kind of entry', most: 28 },
  'packages/checkpoint/src': { reason: 'one store, from its stamp down to its blocks', most: 16 },
  'packages/command-runner/src': { reason: 'the life of one command', most: 18 },
  'packages/doctor/src': { reason: 'one file a check, and verify and replay', most: 24 },
  'packages/exporters/src': { reason: 'one file a format', most: 26 },
  'packages/importers/src': { reason: 'one file a format', most: 22 },
  'packages/messages/src': { reason: 'one file for the words of an occasion', most: 20 },
  'packages/cli/src/commands': { reason: 'one file a command', most: 32 },
  'packages/cli/src/render': { reason: 'one file an output', most: 22 },
  'packages/domain/src/decide': { reason: 'one file a command', most: 24 },
  'packages/domain/src/events': { reason: 'one file an event', most: 22 },
  'packages/domain/src/queries': { reason: 'one file a query', most: 20 },
  'packages/wire/src/documents': { reason: 'one file a family of documents', most: 26 },
  'test/programs': { reason: 'one file a program that tests start', most: 24 },
  'test/simulator': { reason: 'one machine and what lives on it', most: 20 },
  'test/soak': { reason: 'one run and who takes part in it', most: 18 },
}

describe('a folder', () => {
  const sources = [...sourceFilesUnder('packages'), ...sourceFilesUnder('test')]
  const counts = countByFolder(sources.filter(path => !path.endsWith('.test.ts')))

  it(`has at most ${filesMax} source files, or a reason to have more`, () => {
    const mostIn = (folder: string): number => reasons[folder]?.most ?? filesMax
    const tooFull = [...counts].filter(([folder, count]) => count > mostIn(folder))
    expect(tooFull.map(([folder, count]) => `${folder}: ${count}`)).toEqual([])
  })

  it('keeps its reason only while it has more', () => {
    expect(Object.keys(reasons).filter(folder => (counts.get(folder) ?? 0) <= filesMax)).toEqual([])
  })
})
