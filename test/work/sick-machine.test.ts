import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimlogPath, type Finished, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { nobody, otherUser, otherUserMissing } from '../support/machine/other-user.ts'
import { itWherePossible, programMissing } from '../support/machine/it-where-possible.ts'
import { linesOf } from '../support/started-worker.ts'

/** Twenty tasks with one attempt each. */
const newQueue = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const tasks = Array.from({ length: 20 }, (_, i) => ({ kind: 'docs', task_id: `t${i}`, max_attempts: 1 }))
  await workspace.done(['add', '-'], ndjson(...tasks))
  return workspace
}

const count = ({ events }: CliWorkspace, event: string): number => events().filter(line => line.event === event).length

/** No attempt was counted, no task is claimed, and the log has not grown by much. */
const expectUnharmed = (workspace: CliWorkspace, completed = 0): void => {
  expect([count(workspace, 'failed'), count(workspace, 'completed')]).toEqual([0, completed])
  expect(count(workspace, 'claimed')).toBe(count(workspace, 'released') + completed)
  expect(count(workspace, 'claimed')).toBeLessThan(20 + completed)
}

/** A worker that stopped reports the failure, its path, and a hint. */
const expectGivenUp = ({ status, stderr }: Finished, failed: RegExp): void => {
  expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(failed) as string })
  expect(stderr).toMatch(/tried 5 times in a row \(io_failed\)\n {2}.*no attempt was counted\n$/)
}

const work = ['work', 'ann', '--until-empty']

/** A small file system, unmounted after the test. */
const smallFileSystem = (): string => {
  const folder = temporaryDirectory()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=1777', 'tmpfs', folder])
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}

/** Tried in a mount namespace, where it affects no other process. */
const mountMissing = programMissing('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt')

describe('a worker in a broken environment releases tasks that it cannot start, and ends by itself', () => {
  test.each([[['--json', '-j', '4']], [['-j', '4']], [[]]])('if TMPDIR is missing, %j', async words => {
    const workspace = await newQueue()
    const worked = await workspace.run([...work, ...words, '--', 'true'], { env: { TMPDIR: '/nowhere' } })
    expect(worked.status).toBe(1)
    if (words.includes('--json')) {
      const last = { ok: false, error: 'io_failed', path: '/nowhere', code: 'ENOENT', tries: 5 }
      expect(linesOf(worked).at(-1)).toMatchObject(last)
    } else expectGivenUp(worked, /could not make a folder for a command in \/nowhere: ENOENT/)
    expectUnharmed(workspace)
  })

  test('with --once after its only task', async () => {
    const workspace = await newQueue()
    const worked = await workspace.run(['work', 'ann', '--once', '--', 'true'], { env: { TMPDIR: '/nowhere' } })
    expect(worked.status).toBe(1)
    expectUnharmed(workspace)
    expect(count(workspace, 'claimed')).toBe(1)
  })

  itWherePossible(mountMissing)('if TMPDIR is full', async () => {
    const workspace = await newQueue()
    const folder = smallFileSystem()
    writeFileSync(join(folder, 'filler'), Buffer.alloc(256 * 1024))
    const worked = await workspace.run([...work, '--', 'true'], { env: { TMPDIR: folder } })
    expectGivenUp(worked, /could not make a folder for a command in .*ENOSPC/)
    expectUnharmed(workspace)
  })

  itWherePossible(mountMissing)('if a command has no space for its result', async () => {
    const workspace = await newQueue()
    const folder = smallFileSystem()
    // Another process fills it while the command is running.
    const script = 'head -c 1000000 /dev/zero > "$TMPDIR/filler" 2>/dev/null; echo 12 > "$CLAIMLOG_RESULT" || exit 1'
    const worked = await workspace.run([...work, '--', 'sh', '-c', script], { env: { TMPDIR: folder } })
    expectGivenUp(worked, /could not make a folder for a command in .*ENOSPC/)
    expectUnharmed(workspace)
  })

  test('if the file of the command is gone after its first task', async () => {
    const workspace = await newQueue()
    workspace.file('build.sh', '#!/bin/sh\nrm build.sh\n')
    chmodSync(join(workspace.cwd, 'build.sh'), 0o755)
    const worked = await workspace.run([...work, '--', './build.sh'])
    expectGivenUp(worked, /could not start \.\/build\.sh: .*no such file/)
    expectUnharmed(workspace, 1)
  })

  test('if the system can no longer run the file of the command', async () => {
    const workspace = await newQueue()
    workspace.file('build.sh', "#!/bin/sh\nprintf '\\177ELF' > new; chmod +x new; mv new build.sh\n")
    chmodSync(join(workspace.cwd, 'build.sh'), 0o755)
    const worked = await workspace.run([...work, '--', './build.sh'])
    expectGivenUp(worked, /could not start \.\/build\.sh: /)
    expectUnharmed(workspace, 1)
  })

  test('if its working directory is deleted while it is running', async () => {
    const workspace = await newQueue()
    const cwd = join(workspace.cwd, 'checkout')
    mkdirSync(cwd)
    const worked = await run(process.execPath, [claimlogPath, ...work, '--', 'sh', '-c', 'rmdir "$0"', cwd], { cwd })
    expectGivenUp(worked, /could not start a command in .*checkout: this directory was deleted/)
    expectUnharmed(workspace, 1)
    expect(existsSync(cwd)).toBe(false)
  })

  itWherePossible(programMissing('prlimit', '--version'))('if too few files can be open', async () => {
    for (const most of [26, 34]) {
      const workspace = await newQueue()
      const limited = [`--nofile=${most}`, process.execPath, claimlogPath, ...work, '-j', '2', '--', 'true']
      const worked = await run('prlimit', limited, workspace)
      if (worked.status === 0) expect(count(workspace, 'completed')).toBe(20)
      else expect(worked).toMatchObject({ status: 1, stderr: expect.stringContaining('EMFILE') as string })
      expectUnharmed(workspace, count(workspace, 'completed'))
    }
  })

  itWherePossible(programMissing('prlimit', '--version'))('if no file can grow', async () => {
    const workspace = await newWorkspace()
    const task = { kind: 'docs', task_id: 'large', max_attempts: 1, payload: 'x'.repeat(300_000) }
    await workspace.done(['add', '-'], ndjson(task))
    const limited = ['--fsize=200000', process.execPath, claimlogPath, ...work, '--', 'true']
    const worked = await run('prlimit', limited, workspace)
    expect(worked).toMatchObject({ status: 1, stderr: expect.stringMatching(/EFBIG.*\(io_failed\)/) as string })
    expectUnharmed(workspace)
  })

  itWherePossible(otherUserMissing ?? programMissing('prlimit', '--version'))(
    'if no more processes can be started',
    async () => {
      const user = otherUser()
      onTestFinished(user.leave)
      // Node itself has ten threads or so, its shell and the watchdog one each.
      for (const most of [9, 11, 13]) {
        const workspace = await newQueue()
        execFileSync('chown', ['-R', `${nobody}:${nobody}`, workspace.cwd])
        const worked = await user.run(workspace.cwd, [...work, '--', 'true'], [`prlimit`, `--nproc=${most}`])
        if (worked.status === 0) {
          expect(count(workspace, 'completed')).toBe(20)
          return
        }
        // If the limit is too low for Node itself, Node reports that in its own format.
        if (count(workspace, 'claimed') > 0) expect(worked.status).toBe(1)
        expectUnharmed(workspace, count(workspace, 'completed'))
      }
    },
  )
})

test('a worker continues when the environment is repaired', async () => {
  const workspace = await newQueue()
  const folder = join(workspace.cwd, 'tmp')
  const working = workspace.run([...work, '--json', '--', 'true'], { env: { TMPDIR: folder } })
  await expect.poll(() => count(workspace, 'released'), { timeout: 60_000 }).toBeGreaterThan(1)
  mkdirSync(folder)
  const worked = await working
  expect(worked.status).toBe(0)
  expect([count(workspace, 'completed'), count(workspace, 'failed')]).toEqual([20, 0])
  expect(linesOf(worked)).toContainEqual(expect.objectContaining({ event: 'delayed', error: 'io_failed' }))
})

test('a command that releases its task again and again is not started a thousand times', async () => {
  const workspace = await newQueue()
  const worked = await workspace.run(['work', 'ann', '--max-tasks', '5', '--', 'sh', '-c', 'exit 75'])
  expect(worked.status).toBe(0)
  const released = workspace.events().filter(({ event }) => event === 'released')
  expect(released).toHaveLength(5)
  const [first, last] = [released[0], released.at(-1)].map(line => Date.parse(line?.time ?? ''))
  // Four pauses, of 100, 200, 400 and 800 ms, each shortened by a quarter at most.
  expect((last ?? 0) - (first ?? 0)).toBeGreaterThan(1100)
})

test('the next worker removes the folders of a killed worker, and keeps those of a running one', async () => {
  const workspace = await newQueue()
  const folder = join(workspace.cwd, 'tmp')
  mkdirSync(folder, { mode: 0o700 })
  const left = (name: string): string => {
    const path = join(folder, `claimlog-work-${name}`)
    mkdirSync(join(path, 'command-1'), { recursive: true, mode: 0o700 })
    writeFileSync(join(path, 'lock'), '')
    return path
  }
  const [dead, open] = [left('dead'), left('open')]
  chmodSync(open, 0o755)
  execFileSync('ln', ['-s', workspace.cwd, join(folder, 'claimlog-work-link')])
  const script = `ls -d "$TMPDIR"/claimlog-work-* > seen; "$0" "$1" work bob --once -- true 2>/dev/null
test -d "\${CLAIMLOG_RESULT%/*}" || exit 1`
  const words = ['--', 'sh', '-c', script, process.execPath, claimlogPath]
  const worked = await workspace.run(['work', 'ann', '--once', ...words], { env: { TMPDIR: folder } })
  expect(worked.status).toBe(0)
  // Its own folder, the link, and the folder that others can read, which is not claimlog's.
  expect(execFileSync('wc', ['-l', join(workspace.cwd, 'seen')], { encoding: 'utf8' })).toMatch(/^3 /)
  expect([existsSync(dead), existsSync(open), existsSync(workspace.dir)]).toEqual([false, true, true])
  rmSync(open, { recursive: true })
})
