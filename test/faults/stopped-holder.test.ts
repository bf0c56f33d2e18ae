import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished } from 'vitest'
import { answer, claimlogPath, cleanEnvironment, type Finished } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible, type Missing } from '../support/machine/it-where-possible.ts'
import { hasLock } from '../support/machine/process-state.ts'
import { faultAt, straceMissing } from '../support/machine/strace.ts'
import { faultsInLog } from './undisturbed.ts'
import { type AnsweredClaim, byToken, claimsIn, logOf } from '../support/workspace-on-disk.ts'

/** A process that was stopped (SIGSTOP) while it has the lock of the log. */
type StoppedHolder = {
  readonly pid: number
  readonly kill: () => Promise<Finished>
  readonly goOn: () => Promise<Finished>
}

const locksMissing: Missing = ((): Missing => {
  try {
    readFileSync('/proc/locks')
    return undefined
  } catch {
    return 'the system does not list its locks'
  }
})()

const claimedBy = (worker: string, task: string, token: number): AnsweredClaim => ({ worker, task_id: task, token })

const threeTasks = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ['first', 'second', 'third']) await workspace.done(['add', 'docs', id])
  return workspace
}

/** The call after which a claim is stopped: `flock` (it has the lock) or `write` (its event is also in the log). */
type StopsAfter = 'flock' | 'write'

/** Starts a claim by ann and stops that process after a call; resolves when it has stopped. */
const stoppedHolder = async (workspace: CliWorkspace, name: StopsAfter): Promise<StoppedHolder> => {
  const fault = faultAt(workspace, { name, ordinal: 1, paths: ['events.jsonl'] }, 'signal=STOP')
  // With -D, strace runs as a detached process, and the child is the claim itself.
  const words = ['-D', ...fault, process.execPath, claimlogPath, 'claim', 'ann', 'docs', '--lease', '1h']
  const child = spawn('strace', words, { cwd: workspace.cwd, env: cleanEnvironment() })
  onTestFinished(() => void child.kill('SIGKILL'))
  const pid = child.pid as number
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close') as Promise<[number | null]>
  const seq = logOf(workspace.dir).length
  const log = join(workspace.dir, 'events.jsonl')
  const reached = (): boolean => (name === 'write' ? logOf(workspace.dir).length > seq : hasLock(pid, log))
  while (!reached()) {
    if (child.exitCode !== null) throw new Error(`the claim exited before it was stopped: ${stdout}${stderr}`)
    await sleep(5)
  }
  const after = async (signal: NodeJS.Signals): Promise<Finished> => {
    child.kill(signal)
    const [status] = await ended
    return { status, stdout, stderr }
  }
  return { pid, kill: () => after('SIGKILL'), goOn: () => after('SIGCONT') }
}

const claimOf = (worker: string, lockTimeout: string): ReadonlyArray<string> => [
  ...['claim', worker, 'docs', '--lease', '1h', '--lock-timeout', lockTimeout],
]

/** Checks that writers time out with the pid of the holder, and that readers are not blocked. */
const expectToHoldUpWritersOnly = async (workspace: CliWorkspace, { pid }: StoppedHolder): Promise<void> => {
  const before = workspace.text('events.jsonl')
  const refused = await Promise.all([workspace.run(claimOf('bob', '300ms')), workspace.run(claimOf('cem', '300ms'))])
  for (const each of refused) {
    expect({ status: each.status, stderr: each.stderr, ...answer(each) }).toMatchObject({
      status: 8,
      stderr: '',
      error: 'lock_timeout',
      holder_pid: pid,
    })
    expect(answer(each).message).toMatch(new RegExp(`^process ${pid} \\(\\S+\\) held the lock`))
  }
  const views = [['list'], ['status'], ['verify'], ['show', 'first'], ['tail']]
  const reading = await Promise.all(views.map(words => workspace.run(words)))
  expect(reading.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    reading.map(() => ({ status: 0, stderr: '' })),
  )
  expect(workspace.text('events.jsonl')).toBe(before)
}

describe('a process that was stopped while it has the lock', () => {
  const test = itWherePossible(straceMissing ?? locksMissing)

  test('and is killed before it wrote leaves the lock and the task to the others', async () => {
    const workspace = await threeTasks()
    const holder = await stoppedHolder(workspace, 'flock')
    await expectToHoldUpWritersOnly(workspace, holder)
    expect(await holder.kill()).toEqual({ status: null, stdout: '', stderr: '' })
    await workspace.done(claimOf('bob', '10s'))
    expect(claimsIn(logOf(workspace.dir))).toEqual([claimedBy('bob', 'first', 5)])
    expect(faultsInLog(workspace)).toEqual([])
  })

  test('and is killed after it wrote keeps its claim, and the others get the remaining tasks', async () => {
    const workspace = await threeTasks()
    const holder = await stoppedHolder(workspace, 'write')
    await expectToHoldUpWritersOnly(workspace, holder)
    expect(await holder.kill()).toEqual({ status: null, stdout: '', stderr: '' })
    await workspace.done(claimOf('bob', '10s'))
    expect(claimsIn(logOf(workspace.dir))).toEqual([claimedBy('ann', 'first', 5), claimedBy('bob', 'second', 6)])
    expect(faultsInLog(workspace)).toEqual([])
  })

  const names: ReadonlyArray<StopsAfter> = ['flock', 'write']
  for (const name of names)
    test(`and continues after ${name} succeeds as if it had not been stopped, and then the waiting processes do`, async () => {
      const workspace = await threeTasks()
      const holder = await stoppedHolder(workspace, name)
      await expectToHoldUpWritersOnly(workspace, holder)
      const waiting = ['bob', 'cem'].map(worker => workspace.run(claimOf(worker, '60s')))
      const finished = await holder.goOn()
      expect(finished).toMatchObject({ status: 0, stderr: '' })
      const others = await Promise.all(waiting)
      const answered = [finished, ...others].map(each => {
        expect(each).toMatchObject({ status: 0, stderr: '' })
        const { task, claim } = answer(each) as {
          readonly task: { readonly id: string }
          readonly claim: { readonly worker: string; readonly token: number }
        }
        return claimedBy(claim.worker, task.id, claim.token)
      })
      expect(answered[0]).toEqual(claimedBy('ann', 'first', 5))
      const claims = claimsIn(logOf(workspace.dir))
      expect(answered.toSorted(byToken)).toEqual(claims)
      expect(claims.map(claim => claim.task_id)).toEqual(['first', 'second', 'third'])
      expect(faultsInLog(workspace)).toEqual([])
    })
})
