import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { nowMs } from '../measure/measurement.ts'
import { requirePid } from './measured-process.ts'
import { sleep } from './waiting-workers.ts'

/** One of the two outputs of a running program. */
export type ProgramOutput = {
  /**
   * Waits for `text` after the previously found text, and returns when it was read, in milliseconds of `nowMs`.
   * To be called before the text is printed. Throws if it is not printed for a long time.
   */
  readonly waitForText: (text: string) => Promise<number>
}

/** A running program and its output. */
export type RunningProgram = {
  readonly pid: number
  readonly stdout: ProgramOutput
  readonly stderr: ProgramOutput
  /** Resolves when the program has exited by itself. */
  readonly exited: Promise<unknown>
}

const outputTimeoutMs = 15_000

/** Reads the output of a program that was just started. */
export const watchProgram = (child: ChildProcessByStdio<null, Readable, Readable>): RunningProgram => ({
  pid: requirePid(child),
  stdout: watchOutput(child.stdout),
  stderr: watchOutput(child.stderr),
  exited: once(child, 'exit'),
})

const watchOutput = (stream: Readable): ProgramOutput => {
  let unreadText = ''
  let onOutput = (_readMs: number): void => undefined
  stream.on('data', (chunk: Buffer) => {
    const readMs = nowMs()
    unreadText += chunk.toString()
    onOutput(readMs)
  })
  const waitForText = (text: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const failTimeout = (): void =>
        reject(new Error(`a program did not print ${text}, but: ${unreadText.slice(-2000)}`))
      const timer = setTimeout(failTimeout, outputTimeoutMs)
      onOutput = readMs => {
        const position = unreadText.indexOf(text)
        if (position === -1) return
        unreadText = unreadText.slice(position + text.length)
        onOutput = () => undefined
        clearTimeout(timer)
        resolve(readMs)
      }
      onOutput(nowMs())
    })
  return { waitForText }
}

/** Resolves once the process watches a file, which means that it waits; without /proc, after a second. */
export const waitUntilWatching = async (pid: number): Promise<void> => {
  if (process.platform !== 'linux') return sleep(1000)
  for (const untilMs = nowMs() + outputTimeoutMs; nowMs() < untilMs; await sleep(5)) if (isWatchingFile(pid)) return
  throw new Error(`process ${pid} has not begun to wait`)
}

const isWatchingFile = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/fd`).some(fd => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === 'anon_inode:inotify'
    } catch {
      return false
    }
  })
