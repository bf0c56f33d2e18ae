import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, claimlog, cleanEnvironment } from '../support/claimlog-process.ts'
import { addTasks, logOf, newWorkspace } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/obedient-worker.mjs', import.meta.url))
const shortLeaseMs = 200
const longLeaseMs = 3_600_000

type Document = Readonly<Record<string, unknown>>
type Claim = { readonly worker: string; readonly token: number; readonly lease_until: string }

/** A worker process that has claimed a task and executes the commands of the test. */
type Worker = {
  readonly claim: Claim
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void
  /** Sends commands; a stopped process executes them when it continues. */
  readonly tell: (...words: ReadonlyArray<string>) => void
  /** The result of the next command. */
  readonly hear: () => Promise<Document>
  readonly dismiss: () => Promise<number | null>
}

type Places = { readonly dir: string; readonly storePath: string }

const startWorker = async ({ dir, storePath }: Places, name: string, leaseMs: number): Promise<Worker> => {
  const words = [program, dir, storePath, name, String(leaseMs)]
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, words, {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  // SIGKILL also ends a stopped process.
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async (): Promise<Document> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${name} exited (${await ended}) before it responded`)
    return JSON.parse(line.value) as Document
  }
  return {
    claim: (await hear()) as Claim,
    signal: signal => void child.kill(signal),
    tell: (...said) => void child.stdin.write(said.map(word => `${word}\n`).join('')),
    hear,
    dismiss: () => {
      child.stdin.end()
      return ended
    },
  }
}

/**
 * A worker that was stopped until its lease had expired, and the worker that has claimed its task since and has stored
 * a value. The first worker is still stopped.
 */
const zombieAndSuccessor = async (): Promise<Places & { readonly zombie: Worker; readonly successor: Worker }> => {
  const dir = await newWorkspace()
  const places = { dir, storePath: join(dir, 'store.json') }
  await addTasks(dir, 'task', 1)
  const zombie = await startWorker(places, 'zombie', shortLeaseMs)
  zombie.signal('SIGSTOP')
  const successor = await startWorker(places, 'successor', longLeaseMs)
  successor.tell('store')
  expect(await successor.hear()).toEqual({ stored: true })
  return { ...places, zombie, successor }
}

const stored = ({ storePath }: Places): unknown => JSON.parse(readFileSync(storePath, 'utf8'))

const lateWords = ['renew', 'complete', 'fail', 'release']

describe('a worker that slept past its lease while another claimed its task', () => {
  it('gets lease_lost with the new holder for every command about the task, and changes nothing', async () => {
    const { dir, zombie, successor } = await zombieAndSuccessor()
    expect(successor.claim.token).toBeGreaterThan(zombie.claim.token)
    const before = logOf(dir)
    zombie.tell(...lateWords)
    zombie.signal('SIGCONT')
    const { token, lease_until: leaseUntil } = successor.claim
    const leaseLost = {
      ok: false,
      error: 'lease_lost',
      taskId: 'task-1',
      holder: { worker: 'successor', token, leaseUntil },
      speaker: { worker: 'zombie', token: zombie.claim.token },
      lapsed: true,
    }
    for (const word of lateWords) expect({ word, ...(await zombie.hear()) }).toEqual({ word, ...leaseLost })
    expect(await zombie.dismiss()).toBe(0)
    expect(logOf(dir)).toEqual(before)
  })

  it.each(['with its token', 'without a token'])('gets exit code 4 on the command line, %s', async how => {
    const { dir, zombie, successor } = await zombieAndSuccessor()
    const before = logOf(dir)
    const token = how === 'with its token' ? ['--token', String(zombie.claim.token)] : []
    for (const word of lateWords) {
      const refused = await claimlog([word, 'zombie', 'task-1', ...token, '--dir', dir], { cwd: dir })
      expect({ word, status: refused.status, ...answer(refused) }).toMatchObject({
        word,
        status: 4,
        ok: false,
        error: 'lease_lost',
        holder: { worker: 'successor', token: successor.claim.token },
      })
    }
    expect(logOf(dir)).toEqual(before)
  })

  it('cannot overwrite the value of the new holder, because the store has seen a higher token', async () => {
    const places = await zombieAndSuccessor()
    const { zombie, successor } = places
    const ofSuccessor = { token: successor.claim.token, value: 'successor' }
    zombie.tell('store')
    zombie.signal('SIGCONT')
    expect(await zombie.hear()).toEqual({ stored: false })
    expect(stored(places)).toEqual(ofSuccessor)
    successor.tell('store', 'complete')
    expect([await successor.hear(), await successor.hear()]).toEqual([{ stored: true }, { ok: true }])
    expect(stored(places)).toEqual(ofSuccessor)
  })

  it('gets the name of the new holder, even after that worker has completed the task', async () => {
    const { dir, zombie, successor } = await zombieAndSuccessor()
    successor.tell('complete')
    expect(await successor.hear()).toEqual({ ok: true })
    zombie.tell('complete')
    zombie.signal('SIGCONT')
    const holder = { worker: 'successor', token: successor.claim.token }
    expect(await zombie.hear()).toMatchObject({ ok: false, error: 'lease_lost', taskId: 'task-1', holder })
    expect(logOf(dir).map(({ event }) => event)).toEqual(['opened', 'added', 'claimed', 'claimed', 'completed'])
  })
})

describe('a worker that slept past its lease while no other worker claimed its task', () => {
  it('can still store, renew and complete', async () => {
    const dir = await newWorkspace()
    const places = { dir, storePath: join(dir, 'store.json') }
    await addTasks(dir, 'task', 1)
    const sleeper = await startWorker(places, 'sleeper', shortLeaseMs)
    sleeper.signal('SIGSTOP')
    sleeper.tell('store', 'renew', 'complete')
    await sleep(Math.max(0, Date.parse(sleeper.claim.lease_until) - Date.now()) + 1)
    sleeper.signal('SIGCONT')
    expect(await sleeper.hear()).toEqual({ stored: true })
    expect([await sleeper.hear(), await sleeper.hear()]).toEqual([{ ok: true }, { ok: true }])
    expect(stored(places)).toEqual({ token: sleeper.claim.token, value: 'sleeper' })
  })
})
