import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { claimlogPath, cleanEnvironment, type ProcessResult, type ProcessOptions } from './claimlog-process.ts'
import type { CliWorkspace } from './cli-workspace.ts'
import { stopWithoutLock } from './machine/process-state.ts'
import { expectOutputSchema } from './output-schemas.ts'

/** A running `claimlog work`, and its output so far. */
export type WorkerCommand = {
  readonly stderr: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Stops it until SIGCONT, at a time when it does not have the lock of the log. */
  readonly stop: () => Promise<void>
  /** Resolves once the log has an event with these fields. */
  readonly waitForEvent: (fields: Readonly<Record<string, unknown>>) => Promise<void>
  readonly result: Promise<ProcessResult>
}

/** Long timeouts, because other processes use the machine too. */
export const slowPoll = { timeout: 90_000, interval: 20 }

/** Starts `claimlog work` with `args` in a workspace; its JSON output must match its schema. */
export const startWorker = (
  workspace: CliWorkspace,
  args: ReadonlyArray<string>,
  { env = {} }: Pick<ProcessOptions, 'env'> = {},
): WorkerCommand => {
  const child = spawn(process.execPath, [claimlogPath, 'work', ...args], {
    cwd: workspace.cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const closed = new Promise<ProcessResult>(resolve => child.on('close', status => resolve({ status, stdout, stderr })))
  const result = closed.then(processResult => {
    // A signal may have interrupted it in the middle of a line.
    if (processResult.status !== null) expectOutputSchema(['work', ...args], stdout)
    return processResult
  })
  return {
    stderr: () => stderr,
    kill: signal => void child.kill(signal),
    stop: () => stopWithoutLock(child.pid ?? 0, join(workspace.dir, 'events.jsonl')),
    waitForEvent: fields => vi.waitUntil(() => hasEvent(workspace, fields), slowPoll).then(() => undefined),
    result,
  }
}

const hasEvent = ({ readEvents }: CliWorkspace, fields: Readonly<Record<string, unknown>>): boolean =>
  readEvents().some(line => Object.entries(fields).every(([name, value]) => line[name] === value))

/** The lines that a worker printed with `--json`. */
export const parseOutputLines = ({ stdout }: ProcessResult): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)
