import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { nobodyUid, createOtherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'
import { parseOutputLines } from '../support/worker-command.ts'

/** Twenty tasks with one attempt each. */
const workspaceOfTwenty = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const tasks = Array.from({ length: 20 }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, max_attempts: 1 }))
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  return workspace
}

const countEvents = ({ readEvents }: CliWorkspace, event: string): number =>
  readEvents().filter(line => line.event === event).length

/** No attempt was counted, no task is claimed, and the log has not grown by much. */
const expectUnharmed = (workspace: CliWorkspace, completed = 0): void => {
  expect([countEvents(workspace, 'failed'), countEvents(workspace, 'completed')]).toEqual([0, completed])
  expect(countEvents(workspace, 'claimed')).toBe(countEvents(workspace, 'released') + completed)
  expect(countEvents(workspace, 'claimed')).toBeLessThan(20 + completed)
}

/** A worker that stopped reports the failure, its path, and a hint. */
const expectWorkerFailure = ({ status, stderr }: ProcessResult, failure: RegExp): void => {
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(failure) as string })
  expect(stderr).toMatch(/tried 5 times in a row \(io_failed\)\n {2}.*no attempt was counted\n$/)
}

const workArguments = ['work', 'ann', '--until-empty']

/** A small file system, unmounted after the test. */
const smallFileSystem = (): string => {
  const folder = temporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=1777', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Tried in a mount namespace, where it affects no other process. */
const mountSkipReason = programMissing('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')

describe('a worker in a broken environment releases tasks that it cannot start, and ends by itself', () => {
  test('if TMPDIR is missing, with one slot or four', async () => {
    const runWithoutTmpdir = async (...words: ReadonlyArray<string>): Promise<ProcessResult> => {
      const workspace = await workspaceOfTwenty()
      const workerRun = await workspace.run([...workArguments, ...words, '--', 'true'], { env: { TMPDIR: '/nowhere' } })
      expect(workerRun.status).toBe(1)
      expectUnharmed(workspace)
      return workerRun
    }
    // At once, because they mostly wait.
    const [one, four, json] = await Promise.all([
      runWithoutTmpdir(),
      runWithoutTmpdir('-j', '4'),
      runWithoutTmpdir('-j', '4', '--json'),
    ])
    for (const workerRun of [one, four])
      expectWorkerFailure(workerRun, /could not make a folder for a command in \/nowhere: ENOENT/)
    const last = { ok: false, error: 'io_failed', path: '/nowhere', code: 'ENOENT', tries: 5 }
    expect(parseOutputLines(json).at(-1)).toMatchObject(last)
  })

  test('with --once after its only task', async () => {
    const workspace = await workspaceOfTwenty()
    const workerRun = await workspace.run(['work', 'ann', '--once', '--', 'true'], { env: { TMPDIR: '/nowhere' } })
    expect(workerRun.status).toBe(1)
    expectUnharmed(workspace)
    expect(countEvents(workspace, 'claimed')).toBe(1)
  })

  itIfPossible(mountSkipReason)('if TMPDIR is full', async () => {
    const workspace = await workspaceOfTwenty()
    const folder = smallFileSystem()
    writeFileSync(join(folder, 'filler'), Buffer.alloc(256 * 1024))
    const workerRun = await workspace.run([...workArguments, '--', 'true'], { env: { TMPDIR: folder } })
    expectWorkerFailure(workerRun, /could not make a folder for a command in .*ENOSPC/)
    expectUnharmed(workspace)
  })

  itIfPossible(mountSkipReason)('if a command has no space for its result', async () => {
    const workspace = await workspaceOfTwenty()
    const folder = smallFileSystem()
    // Another process fills it while the command is running.
    const script = 'head -c 1000000 /dev/zero > "$TMPDIR/filler" 2>/dev/null; echo 12 > "$CLAIMLOG_RESULT" || exit 1'
    const workerRun = await workspace.run([...workArguments, '--', 'sh', '-c', script], { env: { TMPDIR: folder } })
    expectWorkerFailure(workerRun, /could not make a folder for a command in .*ENOSPC/)
    expectUnharmed(workspace)
  })

  test('if the file of the command is gone after its first task', async () => {
    const workspace = await workspaceOfTwenty()
    workspace.writeFile('build.sh', '#!/bin/sh\nrm build.sh\n')
    chmodSync(join(workspace.cwd, 'build.sh'), 0o755)
    const workerRun = await workspace.run([...workArguments, '--', './build.sh'])
    expectWorkerFailure(workerRun, /could not start \.\/build\.sh: .*no such file/)
    expectUnharmed(workspace, 1)
  })

  test('if the system can no longer run the file of the command', async () => {
    const workspace = await workspaceOfTwenty()
    workspace.writeFile('build.sh', "#!/bin/sh\nprintf '\\177ELF' > new; chmod +x new; mv new build.sh\n")
    chmodSync(join(workspace.cwd, 'build.sh'), 0o755)
    const workerRun = await workspace.run([...workArguments, '--', './build.sh'])
    expectWorkerFailure(workerRun, /could not start \.\/build\.sh: /)
    expectUnharmed(workspace, 1)
  })

  test('if its working directory is deleted while it is running', async () => {
    const workspace = await workspaceOfTwenty()
    const cwd = join(workspace.cwd, 'checkout')
    mkdirSync(cwd)
    const workerRun = await run(
      process.execPath,
      [claimlogPath, ...workArguments, '--', 'sh', '-c', 'rmdir "$0"', cwd],
      { cwd },
    )
    expectWorkerFailure(workerRun, /could not start a command in .*checkout: this directory was deleted/)
    expectUnharmed(workspace, 1)
    expect(existsSync(cwd)).toBe(false)
  })

  itIfPossible(programMissing('prlimit', '--version'))('if too few files can be open', async () => {
    const runWithLimit = async (limit: number): Promise<void> => {
      const workspace = await workspaceOfTwenty()
      const limitedCommand = [
        `--nofile=${limit}`,
        process.execPath,
        claimlogPath,
        ...workArguments,
        '-j',
        '2',
        '--',
        'true',
      ]
      const workerRun = await run('prlimit', limitedCommand, workspace)
      if (workerRun.status === 0) expect(countEvents(workspace, 'completed')).toBe(20)
      else expect(workerRun).toMatchObject({ status: 1, stderr: expect.stringContaining('EMFILE') as string })
      expectUnharmed(workspace, countEvents(workspace, 'completed'))
    }
    await Promise.all([26, 34].map(runWithLimit))
  })

  itIfPossible(programMissing('prlimit', '--version'))('if no file can grow', async () => {
    const workspace = await newWorkspace()
    const task = { kind: 'docs', task_id: 'large', max_attempts: 1, payload: 'x'.repeat(300_000) }
    await workspace.runOk(['add', '-'], ndjson(task))
    const limitedCommand = ['--fsize=200000', process.execPath, claimlogPath, ...workArguments, '--', 'true']
    const workerRun = await run('prlimit', limitedCommand, workspace)
    expect(workerRun).toMatchObject({ status: 1, stderr: expect.stringMatching(/EFBIG.*\(io_failed\)/) as string })
    expectUnharmed(workspace)
  })

  itIfPossible(otherUserMissing ?? programMissing('prlimit', '--version'))(
    'if no more processes can be started',
    async () => {
      const user = createOtherUser()
      onTestFinished(user.remove)
      // Node itself has ten threads or so, its shell and the watchdog one each.
      for (const limit of [9, 11, 13]) {
        const workspace = await workspaceOfTwenty()
        execFileSync('chown', ['-R', `${nobodyUid}:${nobodyUid}`, workspace.cwd])
        const workerRun = await user.run(
          workspace.cwd,
          [...workArguments, '--', 'true'],
          [`prlimit`, `--nproc=${limit}`],
        )
        if (workerRun.status === 0) {
          expect(countEvents(workspace, 'completed')).toBe(20)
          return
        }
        // If the limit is too low for Node itself, Node reports that in its own format.
        if (countEvents(workspace, 'claimed') > 0) expect(workerRun.status).toBe(1)
        expectUnharmed(workspace, countEvents(workspace, 'completed'))
      }
    },
  )
})

test('a worker continues when the environment is repaired', async () => {
  const workspace = await workspaceOfTwenty()
  const folder = join(workspace.cwd, 'tmp')
  const working = workspace.run([...workArguments, '--json', '--', 'true'], { env: { TMPDIR: folder } })
  await expect.poll(() => countEvents(workspace, 'released'), { timeout: 60_000 }).toBeGreaterThan(1)
  mkdirSync(folder)
  const workerRun = await working
  expect(workerRun.status).toBe(0)
  expect([countEvents(workspace, 'completed'), countEvents(workspace, 'failed')]).toEqual([20, 0])
  expect(parseOutputLines(workerRun)).toContainEqual(expect.objectContaining({ event: 'delayed', error: 'io_failed' }))
})

test('a command that releases its task again and again is not started a thousand times', async () => {
  const workspace = await workspaceOfTwenty()
  const workerRun = await workspace.run(['work', 'ann', '--max-tasks', '5', '--', 'sh', '-c', 'exit 75'])
  expect(workerRun.status).toBe(0)
  const released = workspace.readEvents().filter(({ event }) => event === 'released')
  expect(released).toHaveLength(5)
  const [first, last] = [released[0], released.at(-1)].map(line => Date.parse(line?.time ?? ''))
  // Four pauses, of 100, 200, 400 and 800 ms, each shortened by a quarter at most.
  expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(1100)
})

test('the next worker removes the folders of a killed worker, and keeps those of a running one', async () => {
  const workspace = await workspaceOfTwenty()
  const folder = join(workspace.cwd, 'tmp')
  mkdirSync(folder, { mode: 0o700 })
  const makeFolder = (name: string): string => {
    const path = join(folder, `claimlog-work-${name}`)
    mkdirSync(join(path, 'command-1'), { recursive: true, mode: 0o700 })
    writeFileSync(join(path, 'lock'), '')
    return path
  }
  const [dead, open] = [makeFolder('dead'), makeFolder('open')]
  chmodSync(open, 0o755)
  execFileSync('ln', ['-s', workspace.cwd, join(folder, 'claimlog-work-link')])
  const script = `ls -d "$TMPDIR"/claimlog-work-* > seen; "$0" "$1" work bob --once -- true 2>/dev/null
test -d "\${CLAIMLOG_RESULT%/*}" || exit 1`
  const words = ['--', 'sh', '-c', script, process.execPath, claimlogPath]
  const workerRun = await workspace.run(['work', 'ann', '--once', ...words], { env: { TMPDIR: folder } })
  expect(workerRun.status).toBe(0)
  // Its own folder, the link, and the folder that others can read, which is not claimlog's.
  expect(execFileSync('wc', ['-l', join(workspace.cwd, 'seen')], { encoding: 'utf8' })).toMatch(/^3 /)
  expect([existsSync(dead), existsSync(open), existsSync(workspace.dir)]).toEqual([false, true, true])
  rmSync(open, { recursive: true })
})
