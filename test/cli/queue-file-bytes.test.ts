/** The cost of `queue.json` depends on its bytes: a few tasks can have more of them than many others. */
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { derivedFiles } from '@claimlog/queue-file'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { waitUntil } from '../support/queue-file.ts'

const megabyte = 'x'.repeat(1_000_000)
const mib = 1024 * 1024

const addMegabytes = async (workspace: CliWorkspace, count: number): Promise<void> => {
  const tasks = Array.from({ length: count }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, payload: megabyte }))
  const added = await workspace.run(['add', '-'], { input: ndjson(...tasks) })
  expect(added.status).toBe(0)
}

const queueFileBytes = ({ dir }: CliWorkspace): number => statSync(join(dir, 'queue.json')).size

const seqOfFile = (workspace: CliWorkspace): number =>
  Number(/"seq": (\d+)\n\}\n$/.exec(workspace.readText('queue.json').slice(-100))?.[1])

/** Like `waitUntil`: a missing file counts as false. */
const untilFileShows = (what: string, condition: () => boolean): Promise<void> =>
  waitUntil(what, () => {
    try {
      return condition()
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown
      return false
    }
  })

const timeoutMs = 300_000

test(
  'a queue.json of over 64 MiB is written on request only, and a command reports that once',
  { timeout: timeoutMs },
  async () => {
    const workspace = await newWorkspace()
    await addMegabytes(workspace, 70)
    const sizeMark = join(workspace.dir, derivedFiles.size)
    await untilFileShows('the file is too large', () => existsSync(sizeMark))
    await untilFileShows('the file is written on request', () => statSync(sizeMark).size > 0 && isHuge(workspace))
    const first = await workspace.run(['claim', 'ann', 'docs'])
    expect(first.stderr).toContain('queue.json would exceed 64 MiB, so it is no longer kept up to date.')
    const { seq } = parseOutput(await workspace.run(['claim', 'bob', 'docs']))
    expect((await workspace.run(['note', 't0', 'x'])).stderr).toBe('')
    // The file is unchanged: that of an empty workspace.
    expect(queueFileBytes(workspace)).toBeLessThan(mib)
    const diagnosis = await workspace.run(['doctor', '--json'])
    expect(parseOutput(diagnosis).checks).toContainEqual(
      expect.objectContaining({
        name: 'projection',
        state: 'ok',
        message: expect.stringContaining('64 MiB') as string,
      }),
    )
    await workspace.runOk(['replay', '--json'])
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
    expect(queueFileBytes(workspace)).toBeGreaterThan(64 * mib)
    expect(await workspace.run(['replay', '--check'])).toMatchObject({ status: 0 })
    expect((await workspace.run(['claim', 'cleo', 'docs'])).stderr).toBe('')
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
  },
)

const isHuge = (workspace: CliWorkspace): boolean =>
  workspace.readText(derivedFiles.size as 'queue.json').startsWith('huge')

test(
  'a queue.json that was over 64 MiB is kept up to date again once enough tasks are finished',
  { timeout: timeoutMs },
  async () => {
    const workspace = await newWorkspace()
    await addMegabytes(workspace, 3)
    // As a process writes it that has found the text of seven tasks too large.
    const sizeMark = join(workspace.dir, derivedFiles.size)
    writeFileSync(sizeMark, 'huge 7 told ')
    const { seq } = await workspace.runOk(['claim', 'ann', 'docs'])
    await untilFileShows('the file is fresh', () => seqOfFile(workspace) === seq)
    // It is deleted after the file was written.
    await untilFileShows('the size mark is deleted', () => !existsSync(sizeMark))
    await workspace.runOk(['complete', 'ann', 't0'])
    expect(seqOfFile(workspace)).toBe(Number(seq) + 1)
  },
)

test(
  'commands do not wait for a queue.json of over 4 MiB with five tasks, and one with 12,000 small tasks is fresh at once',
  { timeout: timeoutMs },
  async () => {
    const large = await newWorkspace()
    await addMegabytes(large, 5)
    await untilFileShows('the file is fresh', () => seqOfFile(large) === 6)
    const { seq } = await large.runOk(['claim', 'ann', 'docs'])
    await untilFileShows('the file is fresh again', () => seqOfFile(large) === seq)

    const small = await newWorkspace()
    const tasks = Array.from({ length: 12_000 }, (_, i) => ({ kind: 'docs', task_id: `t${i}` }))
    await small.runOk(['add', '-'], ndjson(...tasks))
    expect(seqOfFile(small)).toBe(12_001)
    const claimed = await small.runOk(['claim', 'ann', 'docs'])
    expect(seqOfFile(small)).toBe(claimed['seq'])
    expect(await small.run(['replay', '--check'])).toMatchObject({ status: 0 })
  },
)

test('a damaged size mark causes another check, and nothing else', async () => {
  const workspace = await newWorkspace()
  for (const damage of ['', 'huge', 'huge 1 told', 'large -1 told ', '\0'.repeat(300), '{}']) {
    writeFileSync(join(workspace.dir, derivedFiles.size), damage)
    const { seq } = await workspace.runOk(['add', 'docs'])
    expect(seqOfFile(workspace)).toBe(seq)
  }
})
