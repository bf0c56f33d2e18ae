import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { temporaryDirectory } from './claimlog-process.ts'
import { startAtABarrier } from './start-at-a-barrier.ts'
import { upTo } from './workspace-on-disk.ts'

const program = fileURLToPath(new URL('programs/share-a-store.mjs', import.meta.url))
const times = 400
const [writers, readers] = [2, 5]

/** Has so many processes change the store at `path` and so many read it, all at once; answers with what each has seen. */
const share = async (path: string, changing: number, reading: number, each: number) => {
  const runner = (what: string) => ({ command: process.execPath, words: [program, what, path, String(each)] })
  const runners = [...upTo(changing).map(() => runner('change')), ...upTo(reading).map(() => runner('read'))]
  const finished = await startAtABarrier(runners, '/')
  expect(finished.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    runners.map(() => ({ status: 0, stderr: '' })),
  )
  const seen = finished.map(({ stdout }) => (JSON.parse(stdout) as ReadonlyArray<ReadonlyArray<string>>).map(numbered))
  return { put: seen.slice(0, changing), read: seen.slice(changing) }
}

/** The one change that somebody saw. */
const numbered = (values: ReadonlyArray<string>): number => {
  expect(values).toHaveLength(1)
  return Number(values[0])
}

const inOrder = (numbers: ReadonlyArray<number>): ReadonlyArray<number> => [...numbers].sort((a, b) => a - b)

test('a store that several processes change and several open and close at once is read whole, and loses no change', async () => {
  const path = join(temporaryDirectory(), 'checkpoint.mdb')
  // Not by this process: as long as one has the store open, nobody is the last to leave it.
  await share(path, 1, 0, 1)
  const { put, read } = await share(path, writers, readers, times)
  expect(inOrder(put.flat())).toEqual(upTo(writers * times).map(n => n + 1))
  for (const numbers of read) expect(numbers).toEqual(inOrder(numbers))
  expect(new Set(read.flat()).size).toBeGreaterThan(1)
})
