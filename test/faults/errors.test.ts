import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { parseOutput, claimlogPath, type ProcessResult, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'
import {
  type CallSite,
  callSites,
  faultFlags,
  recordCalls,
  straceMissing,
  runTraced,
} from '../support/machine/strace.ts'
import { copyWorkspace, findLogErrors, runInParallel, workspaceContent, maskTimes } from './workspace-copy.ts'

const claim = ['claim', 'ann', 'docs', '--lease', '1h', '--request-id', 'one']
const tornTail = '{"seq":4,"event":"claimed","worker":"bob","ta'

const newWorkspaceWithTwoTasks = async (): Promise<CliWorkspace> => {
  const prepared = await newWorkspace()
  await prepared.runOk(['add', 'docs', 'first'])
  await prepared.runOk(['add', 'docs', 'second'])
  return prepared
}

/** A workspace with two tasks and a torn tail in its log. */
const newTornWorkspace = async (): Promise<CliWorkspace> => {
  const prepared = await newWorkspaceWithTwoTasks()
  appendFileSync(join(prepared.dir, 'events.jsonl'), tornTail)
  return prepared
}

/** The first call with this name on this file. */
const firstCall = (name: string, path: string): CallSite => ({ name, ordinal: 1, paths: [path] })

const eventNames = (workspace: CliWorkspace): ReadonlyArray<string> => workspace.readEvents().map(({ event }) => event)

/** Sends the claim again without a fault: it succeeds, and the log has one claim. */
const expectClaimSucceeds = async (workspace: CliWorkspace): Promise<void> => {
  expect(await workspace.runOk(claim)).toMatchObject({ ok: true, task: { id: 'first' }, seq: 4 })
  expect(eventNames(workspace)).toEqual(['opened', 'added', 'added', 'claimed'])
  expect(findLogErrors(workspace)).toEqual([])
}

/** The error of a command that failed at an operation on a file and changed nothing. */
const ioError = (path: string, operation: string, code: string): object => ({
  error: 'io_failed',
  path,
  operation,
  code,
})

describe('a system call on the log that fails', () => {
  const test = itIfPossible(straceMissing)

  test('during the write of the event is a failure, and the log does not change', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    const before = prepared.readText('events.jsonl')
    await runInParallel(['EIO', 'ENOSPC'], async code => {
      const workspace = copyWorkspace(prepared, code)
      const result = await runTraced(
        workspace,
        faultFlags(workspace, firstCall('write', 'events.jsonl'), `error=${code}`),
        claim,
      )
      expect({ status: result.status, ...parseOutput(result) }).toMatchObject({
        status: 1,
        ok: false,
        ...ioError(join(workspace.dir, 'events.jsonl'), 'write', code),
      })
      expect(result.stderr).toBe('')
      expect(workspace.readText('events.jsonl')).toBe(before)
      await expectClaimSucceeds(workspace)
    })
  })

  test('during the sync of the log makes the outcome unknown, and the same request again returns it', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    await runInParallel(['EIO', 'ENOSPC'], async code => {
      const workspace = copyWorkspace(prepared, code)
      const fault = faultFlags(workspace, firstCall('fdatasync', 'events.jsonl'), `error=${code}`)
      const result = await runTraced(workspace, fault, claim)
      expect({ status: result.status, ...parseOutput(result) }).toMatchObject({
        status: 1,
        ok: false,
        error: 'outcome_unknown',
        path: join(workspace.dir, 'events.jsonl'),
        operation: 'fdatasync',
      })
      expect(result.stderr).toBe('')
      expect(findLogErrors(workspace)).toEqual([])
      await expectClaimSucceeds(workspace)
    })
  })

  test('because a signal interrupted it is retried', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    await runInParallel(['write', 'fdatasync'], async name => {
      const workspace = copyWorkspace(prepared, name)
      const result = await runTraced(
        workspace,
        faultFlags(workspace, firstCall(name, 'events.jsonl'), 'error=EINTR'),
        claim,
      )
      expect(result).toMatchObject({ status: 0, stderr: '' })
      await expectClaimSucceeds(workspace)
    })
  })

  test('while the log is opened, read or locked is a failure, and the log does not change', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    const before = prepared.readText('events.jsonl')
    const calls = [
      // A short log is first opened to check that it is not empty.
      [{ ...firstCall('openat', 'events.jsonl'), ordinal: 2 }, 'EIO', 'open'],
      [firstCall('pread64', 'events.jsonl'), 'EIO', 'read'],
      [firstCall('flock', 'events.jsonl'), 'ENOLCK', 'lock'],
    ] as const
    await runInParallel(calls, async ([site, code, operation]) => {
      const workspace = copyWorkspace(prepared, operation)
      const result = await runTraced(workspace, faultFlags(workspace, site, `error=${code}`), claim)
      expect({ status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
        status: 1,
        stderr: '',
        ...ioError(join(workspace.dir, 'events.jsonl'), operation, code),
      })
      expect(workspace.readText('events.jsonl')).toBe(before)
      await expectClaimSucceeds(workspace)
    })
  })

  test('while a torn tail is moved leaves that tail in the log', async () => {
    const prepared = await newTornWorkspace()
    const before = prepared.readText('events.jsonl')
    const faultSites: ReadonlyArray<readonly [CallSite, string]> = [
      [firstCall('openat', 'events.torn'), 'ENOSPC'],
      [firstCall('write', 'events.torn'), 'ENOSPC'],
      [{ ...firstCall('write', 'events.torn'), ordinal: 2 }, 'EIO'],
      [firstCall('fdatasync', 'events.torn'), 'EIO'],
      [firstCall('ftruncate', 'events.jsonl'), 'EIO'],
    ]
    await runInParallel(faultSites, async ([site, code], i) => {
      const workspace = copyWorkspace(prepared, `site-${i}`)
      const result = await runTraced(workspace, faultFlags(workspace, site, `error=${code}`), claim)
      expect({ site, status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
        site,
        status: 1,
        stderr: '',
        ...ioError(join(workspace.dir, 'events.jsonl'), 'move the torn tail of', code),
      })
      expect(workspace.readText('events.jsonl')).toBe(before)
      await expectClaimSucceeds(workspace)
      expect(readFileSync(join(workspace.dir, 'events.torn'), 'utf8')).toContain(tornTail)
    })
  })
})

describe('a system call on a derived file that fails', () => {
  itIfPossible(straceMissing)('never undoes the command, and is reported on stderr', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    const baseline = copyWorkspace(prepared, 'undisturbed')
    const { result: baselineResult, calls } = await recordCalls(baseline, claim)
    // Node aborts if it cannot close a file that it has read to its end.
    const derivedCalls = callSites(baseline, calls, /^(queue\.json$|derived)/).onFiles.filter(
      ({ name }) => name !== 'close',
    )
    expect(derivedCalls.map(({ name }) => name)).toEqual(expect.arrayContaining(['openat', 'write', 'rename', 'flock']))
    await runInParallel(derivedCalls, async (site, i) => {
      const workspace = copyWorkspace(prepared, `site-${i}`)
      const code = site.name === 'write' || site.name === 'openat' ? 'ENOSPC' : 'EIO'
      const result = await runTraced(workspace, faultFlags(workspace, site, `error=${code}`), claim)
      expect({ site, status: result.status, answer: maskTimes(result.stdout) }).toEqual({
        site,
        status: 0,
        answer: maskTimes(baselineResult.stdout),
      })
      const notice =
        /^claimlog: \S*queue\.json could not be brought up to date: .+\n {2}The command itself succeeded\. .+\n$/
      // A lock that cannot be released does not affect the file that was written under it.
      const isFresh = workspace.readText('queue.json').includes('"token"')
      const isReported = notice.test(result.stderr) || (result.stderr === '' && isFresh)
      expect({ site, isReported, stderr: result.stderr }).toEqual({ site, isReported: true, stderr: result.stderr })
      await expectClaimSucceeds(workspace)
      expect((await workspace.run(['list'])).status).toBe(0)
      expect(workspaceContent(workspace)).toEqual(workspaceContent(baseline))
    })
  })
})

describe('a result that cannot be printed', () => {
  const printToFullDisk = (workspace: CliWorkspace, args: ReadonlyArray<string>): Promise<ProcessResult> =>
    run('sh', ['-c', 'exec "$@" >/dev/full', 'sh', process.execPath, claimlogPath, ...args], { cwd: workspace.cwd })

  itIfPossible(programMissing('sh', '-c', ': >/dev/null; test -w /dev/full'))(
    'is not a success, and sending the completed command again returns its result',
    async () => {
      const workspace = await newWorkspaceWithTwoTasks()
      expect((await printToFullDisk(workspace, claim)).status).toBe(1)
      await expectClaimSucceeds(workspace)
      expect((await printToFullDisk(workspace, ['list'])).status).toBe(1)
    },
  )
})

describe('a disk that accepts only a part of an event', () => {
  /** Limits the size of files to `bytes`: a write beyond that is cut off there. */
  const claimWithFileLimit = (bytes: number, { cwd }: CliWorkspace): Promise<ProcessResult> =>
    run('prlimit', [`--fsize=${bytes}`, process.execPath, claimlogPath, ...claim], { cwd })

  const test = itIfPossible(programMissing('prlimit', '--fsize=1000000', 'true'))

  test('gets that part removed again, so that the log does not change', async () => {
    const prepared = await newWorkspaceWithTwoTasks()
    const before = prepared.readText('events.jsonl')
    await runInParallel([0, 1, 100, 150], async part => {
      const workspace = copyWorkspace(prepared, `part-${part}`)
      const result = await claimWithFileLimit(before.length + part, workspace)
      expect({ part, status: result.status, stderr: result.stderr, ...parseOutput(result) }).toMatchObject({
        part,
        status: 1,
        stderr: '',
        ...ioError(join(workspace.dir, 'events.jsonl'), 'write', 'EFBIG'),
      })
      expect(workspace.readText('events.jsonl')).toBe(before)
      await expectClaimSucceeds(workspace)
    })
  })

  itIfPossible(straceMissing ?? programMissing('prlimit', '--fsize=1000000', 'true'))(
    'and then fails to truncate the log leaves a part that no reader uses and that the next writer moves',
    async () => {
      const workspace = await newWorkspaceWithTwoTasks()
      const before = workspace.readText('events.jsonl')
      const fault = faultFlags(workspace, firstCall('ftruncate', 'events.jsonl'), 'error=EIO')
      const command = ['strace', ...fault, process.execPath, claimlogPath, ...claim]
      const limit = `--fsize=${before.length + 100}`
      const result = await run('prlimit', [limit, ...command], { cwd: workspace.cwd })
      expect({ status: result.status, ...parseOutput(result) }).toMatchObject({
        status: 1,
        error: 'io_failed',
        code: 'EFBIG',
      })
      const nextLog = workspace.readText('events.jsonl')
      expect(nextLog.length).toBe(before.length + 100)
      const { stdout } = await workspace.run(['list'])
      expect(stdout).not.toContain('ann')
      await expectClaimSucceeds(workspace)
      expect(readFileSync(join(workspace.dir, 'events.torn'), 'utf8')).toBe(`${nextLog.slice(before.length)}\n`)
    },
  )
})
