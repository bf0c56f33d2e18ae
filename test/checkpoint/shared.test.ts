import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { startAtABarrier } from '../support/start-at-a-barrier.ts'
import { upTo } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/share-a-checkpoint.mjs', import.meta.url))
const times = 200
const [savers, readers] = [2, 5]

/**
 * Runs `saving` processes that save the checkpoint in `dir` and `reading` ones that read it, in parallel; returns what
 * each has seen.
 */
const share = async (dir: string, saving: number, reading: number, each: number) => {
  const runner = (what: string) => ({ command: process.execPath, words: [program, what, dir, String(each)] })
  const runners = [...upTo(saving).map(() => runner('save')), ...upTo(reading).map(() => runner('read'))]
  const finished = await startAtABarrier(runners, '/')
  expect(finished.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    runners.map(() => ({ status: 0, stderr: '' })),
  )
  const seen = finished.map(({ stdout }) => (JSON.parse(stdout) as ReadonlyArray<ReadonlyArray<number>>).map(only))
  return { saved: seen.slice(0, saving), read: seen.slice(saving) }
}

/** The number of the only save that a process has seen. */
const only = (numbers: ReadonlyArray<number>): number => {
  expect(numbers).toHaveLength(1)
  return numbers[0] as number
}

const inOrder = (numbers: ReadonlyArray<number>): ReadonlyArray<number> => [...numbers].sort((a, b) => a - b)

test('a checkpoint that several processes save and open in parallel is always read completely, and no save is lost', async () => {
  const dir = temporaryDirectory()
  await share(dir, 1, 0, 1)
  const { saved, read } = await share(dir, savers, readers, times)
  expect(inOrder(saved.flat())).toEqual(upTo(savers * times).map(n => n + 1))
  for (const numbers of read) expect(numbers).toEqual(inOrder(numbers))
  expect(new Set(read.flat()).size).toBeGreaterThan(1)
})
