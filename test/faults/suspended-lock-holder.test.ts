import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { parseOutput, claimlogPath, cleanEnvironment, type ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, type MissingReason } from '../support/machine/it-if-possible.ts'
import { hasLock } from '../support/machine/process-state.ts'
import { faultFlags, straceMissing } from '../support/machine/strace.ts'
import { findLogErrors } from './workspace-copy.ts'
import { type PrintedClaim, compareTokens, listClaims, readLogLines } from '../support/workspace-on-disk.ts'

/** A process that was stopped (SIGSTOP) while it has the lock of the log. */
type SuspendedHolder = {
  readonly pid: number
  readonly kill: () => Promise<ProcessResult>
  readonly resume: () => Promise<ProcessResult>
}

const locksMissing: MissingReason = ((): MissingReason => {
  try {
    readFileSync('/proc/locks')
    return undefined
  } catch {
    return 'the system does not list its locks'
  }
})()

const printedClaim = (worker: string, task: string, token: number): PrintedClaim => ({ worker, task_id: task, token })

const newWorkspaceWithThreeTasks = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ['first', 'second', 'third']) await workspace.runOk(['add', 'docs', id])
  return workspace
}

/** The call after which a claim is stopped: `flock` (it has the lock) or `write` (its event is also in the log). */
type StopCall = 'flock' | 'write'

/** Starts a claim by ann and stops that process after a call; resolves when it has stopped. */
const startSuspendedHolder = async (workspace: CliWorkspace, name: StopCall): Promise<SuspendedHolder> => {
  const fault = faultFlags(workspace, { name, ordinal: 1, paths: ['events.jsonl'] }, 'signal=STOP')
  // With -D, strace runs as a detached process, and the child is the claim itself.
  const args = ['-D', ...fault, process.execPath, claimlogPath, 'claim', 'ann', 'docs', '--lease', '1h']
  const child = spawn('strace', args, { cwd: workspace.cwd, env: cleanEnvironment() })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid as number
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const closed = once(child, 'close') as Promise<[number | null]>
  const seq = readLogLines(workspace.dir).length
  const log = join(workspace.dir, 'events.jsonl')
  const isCallDone = (): boolean => (name === 'write' ? readLogLines(workspace.dir).length > seq : hasLock(pid, log))
  while (!isCallDone()) {
    if (child.exitCode !== null) throw new Error(`the claim exited before it was stopped: ${stdout}${stderr}`)
    await sleep(5)
  }
  const signalAndWait = async (signal: NodeJS.Signals): Promise<ProcessResult> => {
    child.kill(signal)
    const [status] = await closed
    return { status, stdout, stderr }
  }
  return { pid, kill: () => signalAndWait('SIGKILL'), resume: () => signalAndWait('SIGCONT') }
}

const claimArgs = (worker: string, lockTimeout: string): ReadonlyArray<string> => [
  ...['claim', worker, 'docs', '--lease', '1h', '--lock-timeout', lockTimeout],
]

/** Checks that writers time out with the pid of the holder, and that readers are not blocked. */
const expectBlocksOnlyWriters = async (workspace: CliWorkspace, { pid }: SuspendedHolder): Promise<void> => {
  const before = workspace.readText('events.jsonl')
  const results = await Promise.all([
    workspace.run(claimArgs('bob', '300ms')),
    workspace.run(claimArgs('cem', '300ms')),
  ])
  for (const each of results) {
    expect({ status: each.status, stderr: each.stderr, ...parseOutput(each) }).toMatchObject({
      status: 8,
      stderr: '',
      error: 'lock_timeout',
      holder_pid: pid,
    })
    expect(parseOutput(each).message).toMatch(new RegExp(`^process ${pid} \\(\\S+\\) held the lock`))
  }
  const queries = [['list'], ['status'], ['verify'], ['show', 'first'], ['tail']]
  const readResults = await Promise.all(queries.map(args => workspace.run(args)))
  expect(readResults.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    readResults.map(() => ({ status: 0, stderr: '' })),
  )
  expect(workspace.readText('events.jsonl')).toBe(before)
}

describe('a process that was stopped while it has the lock', () => {
  const test = itIfPossible(straceMissing ?? locksMissing)

  test('and is killed before it wrote leaves the lock and the task to the others', async () => {
    const workspace = await newWorkspaceWithThreeTasks()
    const holder = await startSuspendedHolder(workspace, 'flock')
    await expectBlocksOnlyWriters(workspace, holder)
    expect(await holder.kill()).toEqual({ status: null, stdout: '', stderr: '' })
    await workspace.runOk(claimArgs('bob', '10s'))
    expect(listClaims(readLogLines(workspace.dir))).toEqual([printedClaim('bob', 'first', 5)])
    expect(findLogErrors(workspace)).toEqual([])
  })

  test('and is killed after it wrote keeps its claim, and the others get the remaining tasks', async () => {
    const workspace = await newWorkspaceWithThreeTasks()
    const holder = await startSuspendedHolder(workspace, 'write')
    await expectBlocksOnlyWriters(workspace, holder)
    expect(await holder.kill()).toEqual({ status: null, stdout: '', stderr: '' })
    await workspace.runOk(claimArgs('bob', '10s'))
    expect(listClaims(readLogLines(workspace.dir))).toEqual([
      printedClaim('ann', 'first', 5),
      printedClaim('bob', 'second', 6),
    ])
    expect(findLogErrors(workspace)).toEqual([])
  })

  const names: ReadonlyArray<StopCall> = ['flock', 'write']
  for (const name of names)
    test(`and continues after ${name} succeeds as if it had not been stopped, and then the waiting processes do`, async () => {
      const workspace = await newWorkspaceWithThreeTasks()
      const holder = await startSuspendedHolder(workspace, name)
      await expectBlocksOnlyWriters(workspace, holder)
      const waiting = ['bob', 'cem'].map(worker => workspace.run(claimArgs(worker, '60s')))
      const holderResult = await holder.resume()
      expect(holderResult).toMatchObject({ status: 0, stderr: '' })
      const waitingResults = await Promise.all(waiting)
      const printedClaims = [holderResult, ...waitingResults].map(each => {
        expect(each).toMatchObject({ status: 0, stderr: '' })
        const { task, claim } = parseOutput(each) as {
          readonly task: { readonly id: string }
          readonly claim: { readonly worker: string; readonly token: number }
        }
        return printedClaim(claim.worker, task.id, claim.token)
      })
      expect(printedClaims[0]).toEqual(printedClaim('ann', 'first', 5))
      const claims = listClaims(readLogLines(workspace.dir))
      expect(printedClaims.toSorted(compareTokens)).toEqual(claims)
      expect(claims.map(claim => claim.task_id)).toEqual(['first', 'second', 'third'])
      expect(findLogErrors(workspace)).toEqual([])
    })
})
