import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { nowMs } from '../measure/measuring.ts'
import { pidOf } from './processes.ts'
import { sleep } from './waiting-crew.ts'

/** One of the two outputs of a program that runs. */
export type Output = {
  /**
   * When `text` had come out of it, after what was asked for before, in milliseconds of `nowMs`; asked before it comes.
   * Throws where that does not happen for long.
   */
  readonly saidMs: (text: string) => Promise<number>
}

/** A program that runs on, and what it says. */
export type RunningProgram = {
  readonly pid: number
  readonly stdout: Output
  readonly stderr: Output
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<unknown>
}

const patienceMs = 15_000

/** Listens to a program that was started just now. */
export const runningProgram = (child: ChildProcessByStdio<null, Readable, Readable>): RunningProgram => ({
  pid: pidOf(child),
  stdout: outputOf(child.stdout),
  stderr: outputOf(child.stderr),
  ended: once(child, 'exit'),
})

const outputOf = (stream: Readable): Output => {
  let said = ''
  let heard = (_atMs: number): void => undefined
  stream.on('data', (chunk: Buffer) => {
    const atMs = nowMs()
    said += chunk.toString()
    heard(atMs)
  })
  const saidMs = (text: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const unheard = (): void => reject(new Error(`a program did not say ${text}, but: ${said.slice(-2000)}`))
      const timer = setTimeout(unheard, patienceMs)
      heard = atMs => {
        const at = said.indexOf(text)
        if (at === -1) return
        said = said.slice(at + text.length)
        heard = () => undefined
        clearTimeout(timer)
        resolve(atMs)
      }
      heard(nowMs())
    })
  return { saidMs }
}

/** Resolves once the process has a watch on a file, as it has when it waits; where the system does not tell, after a while. */
export const waits = async (pid: number): Promise<void> => {
  if (process.platform !== 'linux') return sleep(1000)
  for (const untilMs = nowMs() + patienceMs; nowMs() < untilMs; await sleep(5)) if (hasWatch(pid)) return
  throw new Error(`process ${pid} does not come to wait`)
}

const hasWatch = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/fd`).some(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:inotify'
    } catch {
      return false
    }
  })
