import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { parseOutputLines, slowPoll, type WorkerCommand, startWorker } from '../support/worker-command.ts'

/**
 * A command that writes its pid to a file, and runs until the file `go` exists, or for ten minutes at most. It ignores
 * no signal.
 */
const untilReleased = `echo $$ > "pid-$1.part"; mv "pid-$1.part" "pid-$1"
i=0; while [ ! -e go ] && [ $i -lt 6000 ]; do i=$((i + 1)); sleep 0.1; done`

const workspaceWithTasks = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ids) await workspace.runOk(['add', 'docs', id])
  return workspace
}

const startJsonWorker = (
  workspace: CliWorkspace,
  words: ReadonlyArray<string> = [],
  script = untilReleased,
  worker = 'ann',
): WorkerCommand => startWorker(workspace, [worker, '--json', ...words, '--', 'sh', '-c', script, 'sh', '{id}'])

/** Resolves with the pid of the command of a task, once it is running. */
const waitUntilRunning = async ({ cwd }: CliWorkspace, id: string): Promise<number> => {
  const path = join(cwd, `pid-${id}`)
  await vi.waitUntil(() => existsSync(path), slowPoll)
  return Number(readFileSync(path, 'utf8'))
}

const releaseCommands = ({ cwd }: CliWorkspace): void => writeFileSync(join(cwd, 'go'), '')

/** True if a process exists and is not a zombie. */
const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

/** The events about claims, in the order of the log. */
const claimEvents = ({ readEvents }: CliWorkspace): ReadonlyArray<string> =>
  readEvents()
    .filter(({ event }) => !['opened', 'added', 'renewed'].includes(event))
    .map(({ event, task_id: id }) => `${event} ${String(id)}`)

describe('after one signal, a worker lets its command finish and claims no more tasks', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('%s, exit code %i', async (signal, status) => {
    const workspace = await workspaceWithTasks('a', 'b')
    const worker = startJsonWorker(workspace)
    await waitUntilRunning(workspace, 'a')
    worker.kill(signal)
    await vi.waitUntil(() => worker.stderr().includes('claiming no more tasks'), slowPoll)
    releaseCommands(workspace)
    const exit = await worker.result
    expect(exit.status).toBe(status)
    expect(claimEvents(workspace)).toEqual(['claimed a', 'completed a'])
    expect(parseOutputLines(exit)).toMatchObject([{ event: 'claimed' }, { event: 'completed', task_id: 'a' }])
  })

  test('a worker that waits for tasks ends at once, and prints nothing', async () => {
    const workspace = await workspaceWithTasks('a')
    const worker = startJsonWorker(workspace, [], ':')
    await worker.waitForEvent({ event: 'completed', task_id: 'a' })
    worker.kill('SIGTERM')
    const exit = await worker.result
    expect([exit.status, exit.stderr]).toEqual([0, ''])
  })
})

describe('after a second signal or a hang-up, a worker stops its command and releases the task', () => {
  test.each([
    ['by a second SIGINT', ['SIGINT', 'SIGINT']],
    ['by SIGTERM and then SIGINT', ['SIGTERM', 'SIGINT']],
    ['by the hang-up of its terminal', ['SIGHUP']],
  ] as const)('%s', async (_, [first, second]) => {
    const workspace = await workspaceWithTasks('a', 'b')
    const worker = startJsonWorker(workspace)
    const pid = await waitUntilRunning(workspace, 'a')
    worker.kill(first)
    if (second !== undefined) {
      await vi.waitUntil(() => worker.stderr().includes('claiming no more tasks'), slowPoll)
      worker.kill(second)
    }
    const exit = await worker.result
    expect(exit.status).toBe(130)
    expect(isAlive(pid)).toBe(false)
    expect(claimEvents(workspace)).toEqual(['claimed a', 'released a'])
    expect(parseOutputLines(exit).at(-1)).toMatchObject({ event: 'released', task_id: 'a' })
  })

  test('a command that ignores SIGTERM is killed after its grace period', async () => {
    const workspace = await workspaceWithTasks('a')
    const worker = startJsonWorker(workspace, ['--grace', '300ms'], `trap '' TERM; ${untilReleased}`)
    const pid = await waitUntilRunning(workspace, 'a')
    worker.kill('SIGHUP')
    expect((await worker.result).status).toBe(130)
    expect(isAlive(pid)).toBe(false)
    expect(claimEvents(workspace)).toEqual(['claimed a', 'released a'])
  })
})

describe('a claim that is lost', () => {
  test('by a cancelled task: the command is stopped, the task is not changed, and the worker continues', async () => {
    const workspace = await workspaceWithTasks('a', 'b')
    const script = `if [ $1 = a ]; then ${untilReleased}; fi`
    const worker = startJsonWorker(workspace, ['--until-empty'], script)
    const pid = await waitUntilRunning(workspace, 'a')
    await workspace.runOk(['cancel', 'a', '--reason', 'not needed'])
    const exit = await worker.result
    expect(exit.status).toBe(10)
    expect(isAlive(pid)).toBe(false)
    expect(claimEvents(workspace)).toEqual(['claimed a', 'cancelled a', 'claimed b', 'completed b'])
    expect(parseOutputLines(exit).filter(({ event }) => event === 'lost')).toMatchObject([
      { task_id: 'a', worker: 'ann', why: expect.stringContaining('cancelled') as unknown },
    ])
  })

  test('while the worker was suspended: when it resumes, it stops its command and leaves the task alone', async () => {
    const workspace = await workspaceWithTasks('a')
    const ann = startJsonWorker(workspace, ['--lease', '1s', '--max-tasks', '1'])
    const pid = await waitUntilRunning(workspace, 'a')
    await ann.stop()
    // Waits for the lease to expire, and keeps the task until the first worker has noticed.
    const bob = startJsonWorker(workspace, ['--max-tasks', '1'], `until [ -e noticed ]; do sleep 0.05; done`, 'bob')
    await bob.waitForEvent({ event: 'claimed', worker: 'bob' })
    ann.kill('SIGCONT')
    const exit = await ann.result
    expect(parseOutputLines(exit).at(-1)).toMatchObject({ event: 'lost', task_id: 'a', worker: 'ann' })
    expect(isAlive(pid)).toBe(false)
    writeFileSync(join(workspace.cwd, 'noticed'), '')
    expect((await bob.result).status).toBe(0)
    expect(claimEvents(workspace)).toEqual(['claimed a', 'claimed a', 'completed a'])
    expect(workspace.readEvents().at(-1)).toMatchObject({ event: 'completed', worker: 'bob' })
  })

  test('by a cancelled task, with --once: exit code 10', async () => {
    const workspace = await workspaceWithTasks('a')
    const worker = startJsonWorker(workspace, ['--once'])
    await waitUntilRunning(workspace, 'a')
    await workspace.runOk(['cancel', 'a'])
    expect((await worker.result).status).toBe(10)
  })
})

test('a lease is renewed while the command is running', async () => {
  const workspace = await workspaceWithTasks('a')
  const worker = startJsonWorker(workspace, ['--lease', '3s', '--once'])
  await waitUntilRunning(workspace, 'a')
  const renewals = () => workspace.readEvents().filter(({ event }) => event === 'renewed').length
  await vi.waitUntil(() => renewals() >= 3, slowPoll)
  releaseCommands(workspace)
  expect((await worker.result).status).toBe(0)
  expect(claimEvents(workspace)).toEqual(['claimed a', 'completed a'])
})

test('a command and the processes that it started do not outlive a worker that is killed', async () => {
  const workspace = await workspaceWithTasks('a')
  const script = `sleep 600 & echo $! > child; (trap '' HUP TERM; exec setsid sleep 600) & echo $! > stranger; ${untilReleased}`
  const worker = startJsonWorker(workspace, [], script)
  const pid = await waitUntilRunning(workspace, 'a')
  const pids = [pid, ...['child', 'stranger'].map(name => Number(readFileSync(join(workspace.cwd, name), 'utf8')))]
  expect(pids.map(isAlive)).toEqual([true, true, true])
  worker.kill('SIGKILL')
  await vi.waitUntil(() => !pids.some(isAlive), slowPoll)
  expect(claimEvents(workspace)).toEqual(['claimed a'])
})
