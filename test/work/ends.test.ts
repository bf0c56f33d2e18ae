import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { linesOf, patience, type StartedWorker, startWorker } from '../support/started-worker.ts'

/** A command that says its pid, and runs until it is let go, or for ten minutes at most. It ignores no signal. */
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

/** Resolves with the pid of the command that works at a task, once it runs. */
const running = async ({ cwd }: CliWorkspace, id: string): Promise<number> => {
  const path = join(cwd, `pid-${id}`)
  await vi.waitUntil(() => existsSync(path), patience)
  return Number(readFileSync(path, 'utf8'))
}

const letGo = ({ cwd }: CliWorkspace): void => writeFileSync(join(cwd, 'go'), '')

/** Whether a process runs, or could: one that is dead and not yet buried does not. */
const isAlive = (pid: number): boolean => {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

/** What the log says of the tasks after they were added, in its order. */
const told = ({ events }: CliWorkspace): ReadonlyArray<string> =>
  events()
    .filter(({ event }) => !['opened', 'added', 'renewed'].includes(event))
    .map(({ event, task_id: id }) => `${event} ${String(id)}`)

describe('told once to end, a worker lets its command finish and takes no more', () => {
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

  test('one that waits for work ends at once, and says nothing', async () => {
    const workspace = await workspaceWith('a')
    const worker = startOn(workspace, [], ':')
    await worker.recorded({ event: 'completed', task_id: 'a' })
    worker.kill('SIGTERM')
    const ended = await worker.ended
    expect([ended.status, ended.stderr]).toEqual([0, ''])
  })
})

describe('told to end at once, a worker stops its command and gives the task back', () => {
  test.each([
    ['by a second SIGINT', ['SIGINT', 'SIGINT']],
    ['by SIGTERM and then SIGINT', ['SIGTERM', 'SIGINT']],
    ['by a terminal that goes away', ['SIGHUP']],
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

  test('also a command that does not hear SIGTERM, after the time it has', async () => {
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
  test('by a task that was cancelled: the command is stopped, nothing is settled, and the worker goes on', async () => {
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

  test('while the worker was stopped: it stops its command when it goes on, and settles nothing', async () => {
    const workspace = await workspaceWith('a')
    const ann = startOn(workspace, ['--lease', '1s', '--max-tasks', '1'])
    const pid = await running(workspace, 'a')
    await ann.stop()
    // Waits for the lease to end, and has the task until the first one has noticed.
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

  test('by a task that was cancelled, with --once: exit code 10', async () => {
    const workspace = await workspaceWith('a')
    const worker = startOn(workspace, ['--once'])
    await running(workspace, 'a')
    await workspace.done(['cancel', 'a'])
    expect((await worker.ended).status).toBe(10)
  })
})

test('a lease is renewed for as long as the command runs', async () => {
  const workspace = await workspaceWith('a')
  const worker = startOn(workspace, ['--lease', '3s', '--once'])
  await running(workspace, 'a')
  const renewals = () => workspace.events().filter(({ event }) => event === 'renewed').length
  await vi.waitUntil(() => renewals() >= 3, patience)
  letGo(workspace)
  expect((await worker.ended).status).toBe(0)
  expect(told(workspace)).toEqual(['claimed a', 'completed a'])
})

test('a command, and what it started, do not outlive a worker that is killed', async () => {
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
