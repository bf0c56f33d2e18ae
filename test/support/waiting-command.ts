import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { answer, claimlogPath, cleanEnvironment, type Finished } from './claimlog-process.ts'
import { expectDescribed } from './output-schemas.ts'

/** A command that waits, in a process of its own. */
export type WaitingCommand = {
  /** Resolves once it waits, having found nothing. */
  readonly waits: () => Promise<void>
  /** Resolves once it has said `text` to the person. */
  readonly tells: (text: string) => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly finished: Promise<Finished>
  /** The exit code, and the document that it printed, which is as its schema says. */
  readonly answered: () => Promise<readonly [status: number | null, document: Record<string, unknown>]>
}

/** Starts `claimlog` with `words` in `cwd`; it is gone after the test. */
export const startWaiting = (cwd: string, words: ReadonlyArray<string>): WaitingCommand => {
  const child = spawn(process.execPath, [claimlogPath, ...words], {
    cwd,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = once(child, 'close').then(([status]: Array<unknown>): Finished => ({
    status: status as number | null,
    stdout,
    stderr,
  }))
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      expect({ exitCode: child.exitCode, stdout, stderr }).toMatchObject({ exitCode: null })
      await sleep(10)
    }
  }
  return {
    waits: async () => {
      if (process.platform === 'linux') await until(() => hasWatch(child.pid ?? 0))
      // It looks once more after it has begun to watch, and where nobody tells whether it does, all takes a while.
      await sleep(process.platform === 'linux' ? 200 : 2000)
    },
    tells: text => until(() => stderr.includes(text)),
    kill: signal => void child.kill(signal),
    finished,
    answered: async () => {
      const ended = await finished
      expectDescribed(words, ended.stdout)
      return [ended.status, answer(ended)]
    },
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Whether the process has the system tell it of changes to a file. */
const hasWatch = (pid: number): boolean => {
  try {
    const fds = `/proc/${pid}/fd`
    return readdirSync(fds).some(fd => readlinkSync(`${fds}/${fd}`) === 'anon_inode:inotify')
  } catch {
    // It has opened or closed something meanwhile, or has ended.
    return false
  }
}
