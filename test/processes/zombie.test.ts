import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { parseOutput, cleanEnvironment } from '../support/claimlog-process.ts'
import { describeEachLog, type SharedWorkspace, type TestedLog } from '../support/log/each-log.ts'

const program = fileURLToPath(new URL('../programs/obedient-worker.mjs', import.meta.url))
const shortLeaseMs = 200
const longLeaseMs = 3_600_000

type WorkerResponse = Readonly<Record<string, unknown>>
type PrintedLease = { readonly worker: string; readonly token: number; readonly leaseUntil: string }

/** A worker process that has claimed a task and executes the commands of the test. */
type SuspendableWorker = {
  readonly claim: PrintedLease
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void
  /** Sends commands; a stopped process executes them when it continues. */
  readonly send: (...args: ReadonlyArray<string>) => void
  /** The result of the next command. */
  readonly receive: () => Promise<WorkerResponse>
  readonly close: () => Promise<number | null>
}

type WorkerPaths = { readonly place: SharedWorkspace; readonly storePath: string }

const startWorker = async (
  { place, storePath }: WorkerPaths,
  name: string,
  leaseMs: number,
): Promise<SuspendableWorker> => {
  const args = [program, place.address, storePath, name, String(leaseMs)]
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, args, {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // SIGKILL also ends a stopped process.
  onTestFinished(() => void child.kill('SIGKILL'))
  const exitCode = new Promise<number | null>(resolve => child.on('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const receive = async (): Promise<WorkerResponse> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${name} exited (${await exitCode}) before it responded`)
    return JSON.parse(line.value) as WorkerResponse
  }
  return {
    claim: (await receive()) as PrintedLease,
    signal: signal => void child.kill(signal),
    send: (...commands) => void child.stdin.write(commands.map(command => `${command}\n`).join('')),
    receive,
    close: () => {
      child.stdin.end()
      return exitCode
    },
  }
}

/**
 * A worker that was stopped until its lease had expired, and the worker that has claimed its task since and has stored
 * a value. The first worker is still stopped.
 */
const startZombieAndSuccessor = async (
  log: TestedLog,
): Promise<WorkerPaths & { readonly zombie: SuspendableWorker; readonly successor: SuspendableWorker }> => {
  const paths = await newPaths(log)
  const zombie = await startWorker(paths, 'zombie', shortLeaseMs)
  zombie.signal('SIGSTOP')
  const successor = await startWorker(paths, 'successor', longLeaseMs)
  successor.send('store')
  expect(await successor.receive()).toEqual({ stored: true })
  return { ...paths, zombie, successor }
}

const newPaths = async ({ newWorkspace }: TestedLog): Promise<WorkerPaths> => {
  const place = await newWorkspace()
  await place.addTasks('task', 1)
  return { place, storePath: join(place.dir, 'store.json') }
}

const readStored = ({ storePath }: WorkerPaths): unknown => JSON.parse(readFileSync(storePath, 'utf8'))

const lateCommands = ['renew', 'complete', 'fail', 'release']

describeEachLog('a worker that slept past its lease while another claimed its task', log => {
  it('gets lease_lost with the new holder for every command about the task, and changes nothing', async () => {
    const { place, zombie, successor } = await startZombieAndSuccessor(log)
    expect(successor.claim.token).toBeGreaterThan(zombie.claim.token)
    const before = await place.readLines()
    zombie.send(...lateCommands)
    zombie.signal('SIGCONT')
    const { token, leaseUntil } = successor.claim
    const leaseLost = {
      ok: false,
      error: 'lease_lost',
      taskId: 'task-1',
      holder: { worker: 'successor', token, leaseUntil },
      credentials: { worker: 'zombie', token: zombie.claim.token },
      expired: true,
    }
    for (const command of lateCommands)
      expect({ command, ...(await zombie.receive()) }).toEqual({ command, ...leaseLost })
    expect(await zombie.close()).toBe(0)
    expect(await place.readLines()).toEqual(before)
  })

  it.each(['with its token', 'without a token'])('gets exit code 4 on the command line, %s', async variant => {
    const { place, zombie, successor } = await startZombieAndSuccessor(log)
    const before = await place.readLines()
    const token = variant === 'with its token' ? ['--token', String(zombie.claim.token)] : []
    for (const command of lateCommands) {
      const result = await place.run([command, 'zombie', 'task-1', ...token])
      expect({ command, status: result.status, ...parseOutput(result) }).toMatchObject({
        command,
        status: 4,
        ok: false,
        error: 'lease_lost',
        holder: { worker: 'successor', token: successor.claim.token },
      })
    }
    expect(await place.readLines()).toEqual(before)
  })

  it('cannot overwrite the value of the new holder, because the store has seen a higher token', async () => {
    const paths = await startZombieAndSuccessor(log)
    const { zombie, successor } = paths
    const successorValue = { token: successor.claim.token, value: 'successor' }
    zombie.send('store')
    zombie.signal('SIGCONT')
    expect(await zombie.receive()).toEqual({ stored: false })
    expect(readStored(paths)).toEqual(successorValue)
    successor.send('store', 'complete')
    expect([await successor.receive(), await successor.receive()]).toEqual([{ stored: true }, { ok: true }])
    expect(readStored(paths)).toEqual(successorValue)
  })

  it('gets the name of the new holder, even after that worker has completed the task', async () => {
    const { place, zombie, successor } = await startZombieAndSuccessor(log)
    successor.send('complete')
    expect(await successor.receive()).toEqual({ ok: true })
    zombie.send('complete')
    zombie.signal('SIGCONT')
    const holder = { worker: 'successor', token: successor.claim.token }
    expect(await zombie.receive()).toMatchObject({ ok: false, error: 'lease_lost', taskId: 'task-1', holder })
    expect((await place.readLines()).map(({ event }) => event)).toEqual([
      'opened',
      'added',
      'claimed',
      'claimed',
      'completed',
    ])
  })
})

describeEachLog('a worker that slept past its lease while no other worker claimed its task', log => {
  it('can still store, renew and complete', async () => {
    const paths = await newPaths(log)
    const sleeper = await startWorker(paths, 'sleeper', shortLeaseMs)
    sleeper.signal('SIGSTOP')
    sleeper.send('store', 'renew', 'complete')
    await sleep(Math.max(0, Date.parse(sleeper.claim.leaseUntil) - Date.now()) + 1)
    sleeper.signal('SIGCONT')
    expect(await sleeper.receive()).toEqual({ stored: true })
    expect([await sleeper.receive(), await sleeper.receive()]).toEqual([{ ok: true }, { ok: true }])
    expect(readStored(paths)).toEqual({ token: sleeper.claim.token, value: 'sleeper' })
  })
})
