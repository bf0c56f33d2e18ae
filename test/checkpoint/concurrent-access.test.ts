import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { startAtBarrier } from '../support/barrier-start.ts'
import { numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/share-a-checkpoint.mjs', import.meta.url))
const times = 200
const [savers, readers] = [2, 5]

/**
 * Runs `saverCount` processes that save the checkpoint in `dir` and `readerCount` that read it, in parallel; returns the
 * numbers that each has seen.
 */
const accessInParallel = async (dir: string, saverCount: number, readerCount: number, timesPerProcess: number) => {
  const createProcess = (action: 'save' | 'read') => ({
    command: process.execPath,
    args: [program, action, dir, String(timesPerProcess)],
  })
  const processes = [
    ...numbersFromOne(saverCount).map(() => createProcess('save')),
    ...numbersFromOne(readerCount).map(() => createProcess('read')),
  ]
  const results = await startAtBarrier(processes, '/')
  expect(results.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    processes.map(() => ({ status: 0, stderr: '' })),
  )
  const savesSeen = results.map(({ stdout }) =>
    (JSON.parse(stdout) as ReadonlyArray<ReadonlyArray<number>>).map(onlyNumber),
  )
  return { saved: savesSeen.slice(0, saverCount), read: savesSeen.slice(saverCount) }
}

/** The number of the only save that a process has seen. */
const onlyNumber = (numbers: ReadonlyArray<number>): number => {
  expect(numbers).toHaveLength(1)
  return numbers[0] as number
}

const sortNumbers = (numbers: ReadonlyArray<number>): ReadonlyArray<number> => [...numbers].sort((a, b) => a - b)

test('a checkpoint that several processes save and open in parallel is always read completely, and no save is lost', async () => {
  const dir = temporaryDirectory()
  await accessInParallel(dir, 1, 0, 1)
  const { saved, read } = await accessInParallel(dir, savers, readers, times)
  expect(sortNumbers(saved.flat())).toEqual(numbersFromOne(savers * times).map(n => n + 1))
  for (const numbers of read) expect(numbers).toEqual(sortNumbers(numbers))
  expect(new Set(read.flat()).size).toBeGreaterThan(1)
})
