import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { answer, claimlogPath, cleanEnvironment, type Finished } from './claimlog-process.ts'
import { expectDescribed } from './output-schemas.ts'
import { untilAtRest, untilWatching } from './machine/process-state.ts'

/** A process of `claimlog` that waits. */
export type WaitingCommand = {
  /** Resolves once it has found nothing and waits for the log to change. */
  readonly waits: () => Promise<void>
  /** Resolves once all its threads sleep. */
  readonly rests: () => Promise<void>
  /** Resolves once it has printed `text` on stderr. */
  readonly tells: (text: string) => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly finished: Promise<Finished>
  /** The exit code, and the document that it printed, which matches its schema. */
  readonly answered: () => Promise<readonly [status: number | null, document: Record<string, unknown>]>
}

/** Starts `claimlog` with `words` in `cwd`; it ends with the test. */
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
    rests: () => untilAtRest(child.pid ?? 0, until),
    waits: () => untilWatching(child.pid ?? 0, until),
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
