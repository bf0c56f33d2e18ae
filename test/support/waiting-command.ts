import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { parseOutput, claimlogPath, cleanEnvironment, type ProcessResult } from './claimlog-process.ts'
import { expectOutputSchema } from './output-schemas.ts'
import { waitUntilAsleep, waitUntilWatching } from './machine/process-state.ts'

/** A process of `claimlog` that waits. */
export type WaitingCommand = {
  /** Resolves once it has found nothing and waits for the log to change. */
  readonly waitUntilWatching: () => Promise<void>
  /** Resolves once all its threads sleep. */
  readonly waitUntilAsleep: () => Promise<void>
  /** Resolves once it has printed `text` on stderr. */
  readonly waitForStderr: (text: string) => Promise<void>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly result: Promise<ProcessResult>
  /** The exit code, and the document that it printed, which matches its schema. */
  readonly readAnswer: () => Promise<readonly [status: number | null, document: Record<string, unknown>]>
}

/** Starts `claimlog` with `args` in `cwd`; it ends with the test. */
export const startWaiting = (cwd: string, args: ReadonlyArray<string>): WaitingCommand => {
  const child = spawn(process.execPath, [claimlogPath, ...args], {
    cwd,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const result = once(child, 'close').then(([status]: Array<unknown>): ProcessResult => ({
    status: status as number | null,
    stdout,
    stderr,
  }))
  const waitUntil = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      expect({ exitCode: child.exitCode, stdout, stderr }).toMatchObject({ exitCode: null })
      await sleep(10)
    }
  }
  return {
    waitUntilAsleep: () => waitUntilAsleep(child.pid ?? 0, waitUntil),
    waitUntilWatching: () => waitUntilWatching(child.pid ?? 0, waitUntil),
    waitForStderr: text => waitUntil(() => stderr.includes(text)),
    kill: signal => void child.kill(signal),
    result,
    readAnswer: async () => {
      const output = await result
      expectOutputSchema(args, output.stdout)
      return [output.status, parseOutput(output)]
    },
  }
}
