import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import {
  type PrintedCheck,
  type PrintedChecks,
  runDoctorChecks,
  findLogPath,
  logCheckNames,
  ownUid,
  runDoctor,
  skippedChecks,
  healthyChecks,
  newWorkspaceWithClaim,
} from '../support/doctor-checks.ts'

const isRoot = ownUid === 0
const nobodyUid = 65534

/** Node options with which a program runs as a user with few permissions. */
const nodeFlagsAsNobody = [
  '--import',
  `data:text/javascript,process.setgroups([]);process.setgid(${nobodyUid});process.setuid(${nobodyUid})`,
]

describe('about users and locks, doctor finds', () => {
  // Only root can become another user.
  test.skipIf(!isRoot)('that another user can read and cannot write', async () => {
    const workspace = await newWorkspaceWithClaim()
    chmodSync(workspace.cwd, 0o755)
    chmodSync(workspace.dir, 0o755)
    const expected = healthyChecks(workspace)
    const { status, ok, checks } = await runDoctorChecks(workspace, { nodeArgs: nodeFlagsAsNobody })
    expect({ status, ok, checks }).toEqual({
      status: 0,
      ok: true,
      checks: {
        ...expected,
        directory: {
          ...expected['directory'],
          state: 'warning',
          message: `.claimlog belongs to uid 0, and you are uid ${nobodyUid}; you may read the directory but not write it`,
          mend:
            'run claimlog as uid 0, or make sure that both users may write the files of the other; ' +
            'to write, ask uid 0 for access',
        },
        log: {
          ...expected['log'],
          state: 'warning',
          message: 'you may read events.jsonl but not write it (EACCES)',
          mend: 'to write, ask uid 0 for access',
        },
      },
    })
  })

  test.skipIf(!isRoot).each([
    ['directory', '.claimlog', 0o711, 'you may not read and search .claimlog, which belongs to uid 0'],
    ['log', '.claimlog/events.jsonl', 0o600, 'you may not read events.jsonl, which belongs to uid 0'],
  ])('that another user has no access to the %s', async (name, path, mode, message) => {
    const workspace = await newWorkspaceWithClaim()
    for (const dir of [workspace.cwd, workspace.dir]) chmodSync(dir, 0o755)
    chmodSync(join(workspace.cwd, path), mode)
    const { status, ok, checks } = await runDoctorChecks(workspace, { nodeArgs: nodeFlagsAsNobody })
    const reason = name === 'log' ? 'the log cannot be read' : 'the directory cannot be used'
    const alsoSkipped = name === 'log' ? [] : ['log', 'checkpoint']
    expect({ status, ok, checks }).toMatchObject({
      status: 1,
      ok: false,
      checks: {
        ...skippedChecks(reason, 'lock', ...logCheckNames, ...alsoSkipped),
        [name]: { state: 'wrong', message, mend: 'ask uid 0 for access, or run claimlog as that user' },
      },
    })
  })

  test('that every user can write, and how to change that', async () => {
    const workspace = await newWorkspaceWithClaim()
    chmodSync(workspace.dir, 0o777)
    chmodSync(findLogPath(workspace), 0o666)
    const { status, checks } = await runDoctorChecks(workspace)
    const expected = healthyChecks(workspace)
    expect([status, checks]).toEqual([
      0,
      {
        ...expected,
        directory: {
          ...expected['directory'],
          state: 'warning',
          message: 'every user on this machine may write it, and everyone who may write it is trusted',
          mend: `chmod o-w ${workspace.dir} keeps other users out`,
        },
        log: {
          ...expected['log'],
          state: 'warning',
          message: 'every user on this machine may write events.jsonl, and everyone who may write it is trusted',
          mend: `chmod o-w ${findLogPath(workspace)} keeps other users out`,
        },
      },
    ])
    chmodSync(workspace.dir, 0o1777)
    const sticky = await runDoctorChecks(workspace)
    expect(sticky.checks['directory']).toEqual(healthyChecks(workspace)['directory'])
  })

  const program = fileURLToPath(new URL('../../packages/event-log-file/testing/hold-lock-process.mjs', import.meta.url))

  /** Starts a process that takes the lock of a file and is then stopped; returns its pid and its command line. */
  const startStoppedHolder = async (path: string, argv0: string): Promise<readonly [number, string]> => {
    const child = spawn(process.execPath, [program, path], { argv0, stdio: ['pipe', 'pipe', 'inherit'] })
    // SIGKILL ends it, stopped or not.
    onTestFinished(() => void child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    const pid = child.pid as number
    child.kill('SIGSTOP')
    while (!readFileSync(`/proc/${pid}/status`, 'utf8').includes('\nState:\tT')) await new Promise(setImmediate)
    return [pid, `${argv0} ${program} ${path}`]
  }

  const shortenCommand = (command: string): string => (command.length > 100 ? `${command.slice(0, 100)}…` : command)

  const lockCheck = (pid: number, command: string, file: string, consequence: string): PrintedCheck => {
    const shown = shortenCommand(command)
    return {
      state: 'warning',
      message: `process ${pid} (${shown}; stopped) held the lock on ${file} for the 200 ms of this check: ${consequence}`,
      mend: `it is stopped: kill -CONT ${pid} resumes it`,
      holders: [{ file, pid, command: shown, state: 'stopped' }],
      looked_ms: 200,
    }
  }

  describe.skipIf(process.platform !== 'linux')('if the system lists its processes', () => {
    test('a stopped process that holds the lock of the log, and the command that resumes it', async () => {
      const workspace = await newWorkspaceWithClaim()
      const [pid, command] = await startStoppedHolder(findLogPath(workspace), 'node')
      const lock = lockCheck(pid, command, 'events.jsonl', 'no other process can write')
      expect(await runDoctorChecks(workspace)).toEqual({
        status: 0,
        ok: true,
        checks: { ...healthyChecks(workspace), lock },
      })
    })

    test('a process that holds the lock of queue.json, with its name escaped', async () => {
      const workspace = await newWorkspaceWithClaim()
      const [pid, command] = await startStoppedHolder(join(workspace.dir, 'derived', 'queue.lock'), '\u001b[31mred')
      const lock = lockCheck(pid, command, 'derived/queue.lock', 'no other process can update queue.json')
      expect((await runDoctorChecks(workspace)).checks).toEqual({ ...healthyChecks(workspace), lock })
      const { stdout } = await runDoctor(workspace)
      expect(stdout).not.toContain('\u001b')
      expect(stdout).toContain('\\u001b[31mred')
    })

    test('the process that inherited the lock from one that has ended', async () => {
      const workspace = await newWorkspaceWithClaim()
      const script = 'exec 9<"$0"; flock 9; echo held; read line'
      const child = spawn('sh', ['-c', script, findLogPath(workspace)], { stdio: ['pipe', 'pipe', 'inherit'] })
      onTestFinished(() => void child.kill('SIGKILL'))
      await once(child.stdout, 'data')
      const { lock } = (await runDoctorChecks(workspace)).checks
      const command = shortenCommand(`sh -c ${script} ${findLogPath(workspace)}`)
      expect(lock?.['holders']).toMatchObject([{ file: 'events.jsonl', pid: child.pid, command }])
    })
  })
})

describe('about the file system, doctor finds', () => {
  const shell = (script: string, dir: string) => spawnSync('sh', ['-c', script, dir])

  /** Creates a workspace on a separate file system in memory; skips the test if this user cannot mount one. */
  const workspaceOnTmpfs = async (context: TestContext): Promise<CliWorkspace> => {
    const cwd = temporaryDirectory()
    const dir = join(cwd, '.claimlog')
    mkdirSync(dir)
    const { status } = shell('mount -t tmpfs -o size=4m,mode=755 tmpfs "$0"', dir)
    if (status !== 0) context.skip('this user may not mount a file system')
    onTestFinished(() => void shell('umount "$0"', dir))
    const workspace = cliWorkspace(cwd)
    await workspace.runOk(['init'])
    await workspace.runOk(['add', 'docs', 'inspect'])
    return workspace
  }

  const inMemory = {
    message: 'tmpfs keeps files in memory, and loses them at a restart or a power cut',
    mend: 'move a workspace that must last to a directory on a disk',
  }

  test('that it is in memory', async context => {
    const workspace = await workspaceOnTmpfs(context)
    const { status, checks } = await runDoctorChecks(workspace)
    const { free_bytes, free_inodes, ...otherFields } = checks['file_system'] as Record<string, unknown>
    expect([status, otherFields]).toEqual([0, { state: 'warning', file_system: 'tmpfs', ...inMemory }])
    expect([typeof free_bytes, typeof free_inodes]).toEqual(['number', 'number'])
  })

  test('that there is very little space, and then none', async context => {
    const workspace = await workspaceOnTmpfs(context)
    const filler = join(workspace.dir, '..filler')
    const readNumber = (name: string, checks: PrintedChecks): number => checks['file_system']?.[name] as number
    const before = readNumber('free_bytes', (await runDoctorChecks(workspace)).checks)
    writeFileSync(filler, Buffer.alloc(before - 8192))
    const little = await runDoctorChecks(workspace)
    const inodes = readNumber('free_inodes', little.checks)
    const mend = `${inMemory.mend}; free some disk space; commands that run out of space fail and change nothing`
    const otherFields = { file_system: 'tmpfs', free_inodes: inodes, mend }
    const message = `${inMemory.message}; only ROOM and ${inodes} inodes are free`
    expect([little.status, little.checks['file_system']]).toEqual([
      0,
      { ...otherFields, state: 'warning', message: message.replace('ROOM', '8.0 KiB'), free_bytes: 8192 },
    ])
    appendFileSync(filler, Buffer.alloc(8192))
    const none = await runDoctorChecks(workspace)
    expect([none.status, none.checks['file_system']]).toEqual([
      1,
      { ...otherFields, state: 'wrong', message: message.replace('ROOM', '0 bytes'), free_bytes: 0 },
    ])
  })

  test('that it is mounted read-only', async context => {
    const workspace = await workspaceOnTmpfs(context)
    const expected = healthyChecks(workspace)
    expect(shell('mount -o remount,ro "$0"', workspace.dir).status).toBe(0)
    const { status, ok, checks } = await runDoctorChecks(workspace)
    expect([status, ok, checks]).toEqual([1, false, { ...expected, file_system: checks['file_system'] }])
    expect(checks['file_system']).toMatchObject({
      state: 'wrong',
      message: `${inMemory.message}; the file system is mounted read-only: nothing can be written`,
      mend: `${inMemory.mend}; if that is not intended, the kernel log (dmesg) shows the reason; mount it read-write again`,
    })
  })
})
