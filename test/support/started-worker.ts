import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { claimlogPath, cleanEnvironment, type Finished, type Surroundings } from './claimlog-process.ts'
import type { CliWorkspace } from './cli-workspace.ts'
import { stopWithoutLock } from './machine/process-state.ts'
import { expectDescribed } from './output-schemas.ts'

/** A running `claimlog work`, and its output so far. */
export type StartedWorker = {
  readonly stderr: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Stops it until SIGCONT, at a time when it does not have the lock of the log. */
  readonly stop: () => Promise<void>
  /** Resolves once the log has an event with these fields. */
  readonly recorded: (like: Readonly<Record<string, unknown>>) => Promise<void>
  readonly ended: Promise<Finished>
}

/** Long timeouts, because other processes use the machine too. */
export const patience = { timeout: 90_000, interval: 20 }

/** Starts `claimlog work` with `words` in a workspace; its JSON output must match its schema. */
export const startWorker = (
  workspace: CliWorkspace,
  words: ReadonlyArray<string>,
  { env = {} }: Pick<Surroundings, 'env'> = {},
): StartedWorker => {
  const child = spawn(process.execPath, [claimlogPath, 'work', ...words], {
    cwd: workspace.cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const closed = new Promise<Finished>(resolve => child.on('close', status => resolve({ status, stdout, stderr })))
  const ended = closed.then(finished => {
    // A signal may have interrupted it in the middle of a line.
    if (finished.status !== null) expectDescribed(['work', ...words], stdout)
    return finished
  })
  return {
    stderr: () => stderr,
    kill: signal => void child.kill(signal),
    stop: () => stopWithoutLock(child.pid ?? 0, join(workspace.dir, 'events.jsonl')),
    recorded: like => vi.waitUntil(() => isRecorded(workspace, like), patience).then(() => undefined),
    ended,
  }
}

const isRecorded = ({ events }: CliWorkspace, like: Readonly<Record<string, unknown>>): boolean =>
  events().some(line => Object.entries(like).every(([name, value]) => line[name] === value))

/** The lines that a worker printed with `--json`. */
export const linesOf = ({ stdout }: Finished): ReadonlyArray<Readonly<Record<string, unknown>>> =>
  stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>)
