import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from '../support/claimlog-process.ts'
import { type JournaledCall, parseJournal } from '../postgres/faults/journal.ts'
import type { Random } from '../support/random.ts'

const program = fileURLToPath(new URL('../programs/fleet-worker.mjs', import.meta.url))

/** A limit, so that workers that all crash at once do not keep the test running. */
const replacementsMax = 200

/** Worker processes. Each one that is killed is replaced by a new one with the same name. */
export type Fleet = {
  /** The number of workers killed so far, by themselves or from outside. */
  readonly countKilled: () => number
  /** Kills one of them at any point of its work. */
  readonly killOne: () => void
  /** The errors of workers that exited unexpectedly. */
  readonly listErrors: () => ReadonlyArray<string>
  /** Lets them finish their current tasks and exit. */
  readonly finish: () => Promise<void>
  /** Every call that they made, with its answer. */
  readonly readCalls: () => ReadonlyArray<JournaledCall>
  /** Kills the remaining workers, and removes their journals. */
  readonly dispose: () => void
}

/** Starts `size` workers on the workspace at `address`, each with its own random seed; they journal their calls. */
export const startFleet = (address: string, size: number, random: Random): Fleet => {
  const journals = mkdtempSync(join(tmpdir(), 'claimlog-journals-'))
  const running = new Map<string, ChildProcess>()
  const exits: Array<Promise<void>> = []
  const errors: Array<string> = []
  let killedCount = 0
  let isFinishing = false
  let startedCount = 0

  const startWorker = (worker: string): void => {
    const journal = join(journals, String((startedCount += 1)))
    const args = [program, address, worker, String(random.between(0, 2 ** 31)), journal]
    const child = spawn(process.execPath, args, {
      env: cleanEnvironment(),
      stdio: ['pipe', 'inherit', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    running.set(worker, child)
    const exit = new Promise<void>(resolve => {
      child.on('close', (status, signal) => {
        running.delete(worker)
        if (signal === 'SIGKILL') killedCount += 1
        else if (status !== 0 || !isFinishing) errors.push(`${worker} ended with ${signal ?? status}: ${stderr}`)
        if (signal === 'SIGKILL' && !isFinishing && killedCount < replacementsMax) startWorker(worker)
        resolve()
      })
    })
    exits.push(exit)
  }

  for (let n = 1; n <= size; n += 1) startWorker(`worker-${n}`)
  return {
    countKilled: () => killedCount,
    listErrors: () => errors,
    readCalls: () =>
      readdirSync(journals).flatMap(name => parseJournal(name, readFileSync(join(journals, name), 'utf8'))),
    killOne: () => random.oneOf([...running.values()])?.kill('SIGKILL'),
    finish: async () => {
      isFinishing = true
      for (const child of running.values()) child.stdin?.end()
      await Promise.all(exits)
    },
    dispose: () => {
      isFinishing = true
      for (const child of running.values()) child.kill('SIGKILL')
      rmSync(journals, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}
