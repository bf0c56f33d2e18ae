import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { nowMs } from '../measure/measuring.ts'
import { pidOf } from './processes.ts'
import { sleep } from './waiting-crew.ts'

/** One of the two outputs of a running program. */
export type Output = {
  /**
   * Waits for `text` after the previously found text, and returns when it was read, in milliseconds of `nowMs`.
   * To be called before the text is printed. Throws if it is not printed for a long time.
   */
  readonly saidMs: (text: string) => Promise<number>
}

/** A running program and its output. */
export type RunningProgram = {
  readonly pid: number
  readonly stdout: Output
  readonly stderr: Output
  /** Resolves when the program has exited by itself. */
  readonly ended: Promise<unknown>
}

const patienceMs = 15_000

/** Reads the output of a program that was just started. */
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
      const unheard = (): void => reject(new Error(`a program did not print ${text}, but: ${said.slice(-2000)}`))
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

/** Resolves once the process watches a file, which means that it waits; without /proc, after a second. */
export const waits = async (pid: number): Promise<void> => {
  if (process.platform !== 'linux') return sleep(1000)
  for (const untilMs = nowMs() + patienceMs; nowMs() < untilMs; await sleep(5)) if (hasWatch(pid)) return
  throw new Error(`process ${pid} has not begun to wait`)
}

const hasWatch = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/fd`).some(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:inotify'
    } catch {
      return false
    }
  })
