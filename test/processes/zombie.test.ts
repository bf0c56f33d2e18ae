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

/** A worker process that has claimed a task, and does what it is told. */
type Worker = {
  readonly claim: Claim
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void
  /** Says what to do next; it is done when the process runs. */
  readonly tell: (...words: ReadonlyArray<string>) => void
  /** What came of the next thing it was told. */
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
  // Stopped or not, SIGKILL ends it.
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async (): Promise<Document> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${name} ended (${await ended}) before it had answered`)
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
 * A worker that was stopped past the end of its lease, and the one who has its task since, and has stored something. The
 * first still sleeps, and does not know.
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
  it('is refused all that it says of the task, is told who has it now, and changes nothing', async () => {
    const { dir, zombie, successor } = await zombieAndSuccessor()
    expect(successor.claim.token).toBeGreaterThan(zombie.claim.token)
    const before = logOf(dir)
    zombie.tell(...lateWords)
    zombie.signal('SIGCONT')
    const { token, lease_until: leaseUntil } = successor.claim
    for (const word of lateWords)
      expect({ word, ...(await zombie.hear()) }).toEqual({
        word,
        ok: false,
        error: 'lease_lost',
        taskId: 'task-1',
        holder: { worker: 'successor', token, leaseUntil },
        speaker: { worker: 'zombie', token: zombie.claim.token },
        lapsed: true,
      })
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

  it('cannot overwrite what the new holder stored, as the store has seen a higher token', async () => {
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

  it('is told who did the task, also when that one has finished', async () => {
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

describe('a worker that slept past its lease while nobody else came', () => {
  it('still stores, renews and completes', async () => {
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
