import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { linesOf, patience, type StartedWorker, startWorker } from '../support/started-worker.ts'

/**
 * A command that writes its pid to a file, and runs until the file `go` exists, or for ten minutes at most. It ignores
 * no signal.
 */
const untilLetGo = `echo $$ > "pid-$1.part"; mv "pid-$1.part" "pid-$1"
i=0; while [ ! -e go ] && [ $i -lt 6000 ]; do i=$((i + 1)); sleep 0.1; done`

const workspaceWith = async (...ids: ReadonlyArray<string>): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ids) await workspace.done(['add', 'docs', id])
  return workspace
}

const startOn = (
  workspace: CliWorkspace,
  words: ReadonlyArray<string> = [],
  script = untilLetGo,
  worker = 'ann',
): StartedWorker => startWorker(workspace, [worker, '--json', ...words, '--', 'sh', '-c', script, 'sh', '{id}'])

/** Resolves with the pid of the command of a task, once it is running. */
const running = async ({ cwd }: CliWorkspace, id: string): Promise<number> => {
  const path = join(cwd, `pid-${id}`)
  await vi.waitUntil(() => existsSync(path), patience)
  return Number(readFileSync(path, 'utf8'))
}

const letGo = ({ cwd }: CliWorkspace): void => writeFileSync(join(cwd, 'go'), '')

/** True if a process exists and is not a zombie. */
const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

/** The events about claims, in the order of the log. */
const told = ({ events }: CliWorkspace): ReadonlyArray<string> =>
  events()
    .filter(({ event }) => !['opened', 'added', 'renewed'].includes(event))
    .map(({ event, task_id: id }) => `${event} ${String(id)}`)

describe('after one signal, a worker lets its command finish and claims no more tasks', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('%s, exit code %i', async (signal, status) => {
    const workspace = await workspaceWith('a', 'b')
    const worker = startOn(workspace)
    await running(workspace, 'a')
    worker.kill(signal)
    await vi.waitUntil(() => worker.stderr().includes('claiming no more tasks'), patience)
    letGo(workspace)
    const ended = await worker.ended
    expect(ended.status).toBe(status)
    expect(told(workspace)).toEqual(['claimed a', 'completed a'])
    expect(linesOf(ended)).toMatchObject([{ event: 'claimed' }, { event: 'completed', task_id: 'a' }])
  })

  test('a worker that waits for tasks ends at once, and prints nothing', async () => {
    const workspace = await workspaceWith('a')
    const worker = startOn(workspace, [], ':')
    await worker.recorded({ event: 'completed', task_id: 'a' })
    worker.kill('SIGTERM')
    const ended = await worker.ended
    expect([ended.status, ended.stderr]).toEqual([0, ''])
  })
})

describe('after a second signal or a hang-up, a worker stops its command and releases the task', () => {
  test.each([
    ['by a second SIGINT', ['SIGINT', 'SIGINT']],
    ['by SIGTERM and then SIGINT', ['SIGTERM', 'SIGINT']],
    ['by the hang-up of its terminal', ['SIGHUP']],
  ] as const)('%s', async (_, [first, second]) => {
    const workspace = await workspaceWith('a', 'b')
    const worker = startOn(workspace)
    const pid = await running(workspace, 'a')
    worker.kill(first)
    if (second !== undefined) {
      await vi.waitUntil(() => worker.stderr().includes('claiming no more tasks'), patience)
      worker.kill(second)
    }
    const ended = await worker.ended
    expect(ended.status).toBe(130)
    expect(isAlive(pid)).toBe(false)
    expect(told(workspace)).toEqual(['claimed a', 'released a'])
    expect(linesOf(ended).at(-1)).toMatchObject({ event: 'released', task_id: 'a' })
  })

  test('a command that ignores SIGTERM is killed after its grace period', async () => {
    const workspace = await workspaceWith('a')
    const worker = startOn(workspace, ['--grace', '300ms'], `trap '' TERM; ${untilLetGo}`)
    const pid = await running(workspace, 'a')
    worker.kill('SIGHUP')
    expect((await worker.ended).status).toBe(130)
    expect(isAlive(pid)).toBe(false)
    expect(told(workspace)).toEqual(['claimed a', 'released a'])
  })
})

describe('a claim that is lost', () => {
  test('by a cancelled task: the command is stopped, the task is not changed, and the worker continues', async () => {
    const workspace = await workspaceWith('a', 'b')
    const script = `if [ $1 = a ]; then ${untilLetGo}; fi`
    const worker = startOn(workspace, ['--until-empty'], script)
    const pid = await running(workspace, 'a')
    await workspace.done(['cancel', 'a', '--reason', 'not needed'])
    const ended = await worker.ended
    expect(ended.status).toBe(10)
    expect(isAlive(pid)).toBe(false)
    expect(told(workspace)).toEqual(['claimed a', 'cancelled a', 'claimed b', 'completed b'])
    expect(linesOf(ended).filter(({ event }) => event === 'lost')).toMatchObject([
      { task_id: 'a', worker: 'ann', why: expect.stringContaining('cancelled') as unknown },
    ])
  })

  test('while the worker was suspended: when it resumes, it stops its command and leaves the task alone', async () => {
    const workspace = await workspaceWith('a')
    const ann = startOn(workspace, ['--lease', '1s', '--max-tasks', '1'])
    const pid = await running(workspace, 'a')
    await ann.stop()
    // Waits for the lease to expire, and keeps the task until the first worker has noticed.
    const bob = startOn(workspace, ['--max-tasks', '1'], `until [ -e noticed ]; do sleep 0.05; done`, 'bob')
    await bob.recorded({ event: 'claimed', worker: 'bob' })
    ann.kill('SIGCONT')
    const ended = await ann.ended
    expect(linesOf(ended).at(-1)).toMatchObject({ event: 'lost', task_id: 'a', worker: 'ann' })
    expect(isAlive(pid)).toBe(false)
    writeFileSync(join(workspace.cwd, 'noticed'), '')
    expect((await bob.ended).status).toBe(0)
    expect(told(workspace)).toEqual(['claimed a', 'claimed a', 'completed a'])
    expect(workspace.events().at(-1)).toMatchObject({ event: 'completed', worker: 'bob' })
  })

  test('by a cancelled task, with --once: exit code 10', async () => {
    const workspace = await workspaceWith('a')
    const worker = startOn(workspace, ['--once'])
    await running(workspace, 'a')
    await workspace.done(['cancel', 'a'])
    expect((await worker.ended).status).toBe(10)
  })
})

test('a lease is renewed while the command is running', async () => {
  const workspace = await workspaceWith('a')
  const worker = startOn(workspace, ['--lease', '3s', '--once'])
  await running(workspace, 'a')
  const renewals = () => workspace.events().filter(({ event }) => event === 'renewed').length
  await vi.waitUntil(() => renewals() >= 3, patience)
  letGo(workspace)
  expect((await worker.ended).status).toBe(0)
  expect(told(workspace)).toEqual(['claimed a', 'completed a'])
})

test('a command and the processes that it started do not outlive a worker that is killed', async () => {
  const workspace = await workspaceWith('a')
  const script = `sleep 600 & echo $! > child; (trap '' HUP TERM; exec setsid sleep 600) & echo $! > stranger; ${untilLetGo}`
  const worker = startOn(workspace, [], script)
  const pid = await running(workspace, 'a')
  const pids = [pid, ...['child', 'stranger'].map(name => Number(readFileSync(join(workspace.cwd, name), 'utf8')))]
  expect(pids.map(isAlive)).toEqual([true, true, true])
  worker.kill('SIGKILL')
  await vi.waitUntil(() => !pids.some(isAlive), patience)
  expect(told(workspace)).toEqual(['claimed a'])
})
