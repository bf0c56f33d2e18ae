import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { claimlogPath, run, temporaryDirectory } from './claimlog-process.ts'
import { itWherePossible } from './faults/it-where-possible.ts'
import { straceMissing } from './faults/strace.ts'
import { longLog, storeOf } from './long-log.ts'
import { startAtABarrier } from './start-at-a-barrier.ts'
import { upTo } from './workspace-on-disk.ts'

const program = fileURLToPath(new URL('programs/share-a-store.mjs', import.meta.url))
const refresherPath = fileURLToPath(new URL('../packages/cli/dist/refresher.cjs', import.meta.url))
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

itWherePossible(straceMissing)(
  'a command, and what writes queue.json for it, leave the store open as they end',
  async () => {
    const workspace = await longLog()
    const trace = join(workspace.cwd, 'trace')
    for (const words of [
      [claimlogPath, 'claim', 'bob', 'docs'],
      [refresherPath, workspace.dir],
    ]) {
      const strace = ['-f', '-y', '-o', trace, '-e', 'trace=fcntl', process.execPath]
      expect(await run('strace', [...strace, ...words], workspace)).toMatchObject({ status: 0, stderr: '' })
      const locked = readFileSync(trace, 'utf8')
        .split('\n')
        .filter(call => call.includes(`${storeOf(workspace)}-lock`) && call.includes('l_start=0,'))
        .map(call => /F_WRLCK|F_RDLCK/.exec(call)?.[0])
      // Who opens it alone, makes its locks; who closes it alone, asks for the first of these once more.
      expect(locked).toEqual(['F_WRLCK', 'F_RDLCK'])
    }
  },
)
