import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cleanEnvironment } from '../support/claimlog-process.ts'
import type { Random } from '../support/random.ts'

const program = fileURLToPath(new URL('../programs/fleet-worker.mjs', import.meta.url))

/** A limit, so that workers that all crash at once do not keep the test running. */
const maxReplacements = 200

/** Worker processes. Each one that is killed is replaced by a new one with the same name. */
export type Fleet = {
  /** The number of workers killed so far, by themselves or from outside. */
  readonly killed: () => number
  /** Kills one of them at any point of its work. */
  readonly killOne: () => void
  /** The errors of workers that exited unexpectedly. */
  readonly complaints: () => ReadonlyArray<string>
  /** Lets them finish their current tasks and exit. */
  readonly dismiss: () => Promise<void>
  /** Kills the remaining workers. */
  readonly disband: () => void
}

/** Starts `size` workers on the workspace in `dir`, each with its own random seed. */
export const startFleet = (dir: string, size: number, random: Random): Fleet => {
  const running = new Map<string, ChildProcess>()
  const endings: Array<Promise<void>> = []
  const complaints: Array<string> = []
  let killed = 0
  let dismissed = false

  const start = (worker: string): void => {
    const child = spawn(process.execPath, [program, dir, worker, String(random.between(0, 2 ** 31))], {
      env: cleanEnvironment(),
      stdio: ['pipe', 'inherit', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    running.set(worker, child)
    const ended = new Promise<void>(resolve => {
      child.on('close', (status, signal) => {
        running.delete(worker)
        if (signal === 'SIGKILL') killed += 1
        else if (status !== 0 || !dismissed) complaints.push(`${worker} ended with ${signal ?? status}: ${stderr}`)
        if (signal === 'SIGKILL' && !dismissed && killed < maxReplacements) start(worker)
        resolve()
      })
    })
    endings.push(ended)
  }

  for (let n = 1; n <= size; n += 1) start(`worker-${n}`)
  return {
    killed: () => killed,
    complaints: () => complaints,
    killOne: () => random.oneOf([...running.values()])?.kill('SIGKILL'),
    dismiss: async () => {
      dismissed = true
      for (const child of running.values()) child.stdin?.end()
      await Promise.all(endings)
    },
    disband: () => {
      dismissed = true
      for (const child of running.values()) child.kill('SIGKILL')
    },
  }
}
