/** The cost of `queue.json` depends on its bytes: a few tasks can have more of them than many others. */
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { until } from '../support/queue-file.ts'

const megabyte = 'x'.repeat(1_000_000)
const mib = 1024 * 1024

const addMegabytes = async (workspace: CliWorkspace, count: number): Promise<void> => {
  const tasks = Array.from({ length: count }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, payload: megabyte }))
  const added = await workspace.run(['add', '-'], { input: ndjson(...tasks) })
  expect(added.status).toBe(0)
}

const bytesOfFile = ({ dir }: CliWorkspace): number => statSync(join(dir, 'queue.json')).size

const seqOfFile = (workspace: CliWorkspace): number =>
  Number(/"seq": (\d+)\n\}\n$/.exec(workspace.text('queue.json').slice(-100))?.[1])

/** Like `until`: a missing file counts as false. */
const untilByNow = (what: string, isSo: () => boolean): Promise<void> =>
  until(what, () => {
    try {
      return isSo()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
      return false
    }
  })

const safetyMs = 300_000

test(
  'a queue.json of over 64 MiB is written on request only, and a command reports that once',
  { timeout: safetyMs },
  async () => {
    const workspace = await newWorkspace()
    await addMegabytes(workspace, 70)
    const mark = join(workspace.dir, derivedFiles.size)
    await untilByNow('the file is too large', () => existsSync(mark))
    await untilByNow('the file is written on request', () => statSync(mark).size > 0 && isHuge(workspace))
    const first = await workspace.run(['claim', 'ann', 'docs'])
    expect(first.stderr).toContain('queue.json would exceed 64 MiB, so it is no longer kept up to date.')
    const { seq } = answer(await workspace.run(['claim', 'bob', 'docs']))
    expect((await workspace.run(['note', 't0', 'x'])).stderr).toBe('')
    // The file is unchanged: that of an empty workspace.
    expect(bytesOfFile(workspace)).toBeLessThan(mib)
    const diagnosis = await workspace.run(['doctor', '--json'])
    expect(answer(diagnosis).checks).toContainEqual(
      expect.objectContaining({
        name: 'projection',
        state: 'ok',
        message: expect.stringContaining('64 MiB') as string,
      }),
    )
    await workspace.done(['replay', '--json'])
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
    expect(bytesOfFile(workspace)).toBeGreaterThan(64 * mib)
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0 })
    expect((await workspace.run(['claim', 'cleo', 'docs'])).stderr).toBe('')
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
  },
)

const isHuge = (workspace: CliWorkspace): boolean =>
  workspace.text(derivedFiles.size as 'queue.json').startsWith('huge')

test(
  'a queue.json that was over 64 MiB is kept up to date again once enough tasks are finished',
  { timeout: safetyMs },
  async () => {
    const workspace = await newWorkspace()
    await addMegabytes(workspace, 3)
    // As a process writes it that has found the text of seven tasks too large.
    const mark = join(workspace.dir, derivedFiles.size)
    writeFileSync(mark, 'huge 7 told ')
    const { seq } = await workspace.done(['claim', 'ann', 'docs'])
    await untilByNow('the file is fresh', () => seqOfFile(workspace) === seq)
    // It is deleted after the file was written.
    await untilByNow('the size mark is deleted', () => !existsSync(mark))
    await workspace.done(['complete', 'ann', 't0'])
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
  },
)

test(
  'commands do not wait for a queue.json of over 4 MiB with five tasks, and one with 12,000 small tasks is fresh at once',
  { timeout: safetyMs },
  async () => {
    const large = await newWorkspace()
    await addMegabytes(large, 5)
    await untilByNow('the file is fresh', () => seqOfFile(large) === 6)
    const { seq } = await large.done(['claim', 'ann', 'docs'])
    await untilByNow('the file is fresh again', () => seqOfFile(large) === seq)

    const small = await newWorkspace()
    const tasks = Array.from({ length: 12_000 }, (_, i) => ({ kind: 'docs', task_id: `t${i}` }))
    await small.done(['add', '-'], ndjson(...tasks))
    expect(seqOfFile(small)).toBe(12_001)
    const claimed = await small.done(['claim', 'ann', 'docs'])
    expect(seqOfFile(small)).toBe(claimed['seq'])
    expect(await small.run(['replay', '--check'])).toMatchObject({ status: 0 })
  },
)

test('a damaged size mark causes another check, and nothing else', async () => {
  const workspace = await newWorkspace()
  for (const damage of ['', 'huge', 'huge 1 told', 'large -1 told ', '\0'.repeat(300), '{}']) {
    writeFileSync(join(workspace.dir, derivedFiles.size), damage)
    const { seq } = await workspace.done(['add', 'docs'])
    expect(seqOfFile(workspace)).toBe(seq)
  }
})
