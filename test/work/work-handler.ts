import { execFileSync } from 'node:child_process'
import { onTestFinished, vi } from 'vitest'
import { type CommandHandler, commandHandler, type WorkCommand } from '@claimlog/command-runner'
import type { HandlerContext, WorkOutcome } from '@claimlog/worker'
import { temporaryDirectory } from '../support/claimlog-process.ts'

/** A task with this id that a worker has claimed. */
export const claimedTask = (
  id = 'inspect-docs',
  signal: AbortSignal = new AbortController().signal,
): HandlerContext => ({
  task: { id, kind: 'docs', status: 'ready', payload: { file: 'README.md' } },
  claim: {
    worker: 'docs-worker',
    token: 4,
    attempt: 2,
    claimedAt: '2025-01-01T12:00:00.000Z',
    leaseUntil: '2025-01-01T12:15:00.000Z',
  },
  signal,
  progress: async () => undefined,
})

/** The outcome of a command, and the lines that it printed. */
export type HandlerRun = {
  readonly outcome: WorkOutcome
  readonly stdout: ReadonlyArray<string>
  readonly stderr: ReadonlyArray<string>
}

type HandlerOptions = Partial<WorkCommand> & {
  readonly onLine?: (claimedTask: HandlerContext, stream: 'stdout' | 'stderr', line: string) => void | Promise<void>
}

/** Creates a handler for a test, and closes it afterwards. */
export const createHandler = (
  words: ReadonlyArray<string>,
  { onLine, ...options }: HandlerOptions = {},
): CommandHandler => {
  const [command = '', ...args] = words
  const output: WorkCommand['output'] = (task, stream) =>
    onLine === undefined ? {} : { line: line => onLine(task, stream, line) }
  const defaults = { command, args, log: { dir: temporaryDirectory() }, cwd: process.cwd(), graceMs: 60_000, output }
  const handler = commandHandler({ ...defaults, ...options })
  onTestFinished(handler.close)
  return handler
}

/** Runs a command for a task, to its end. */
export const runCommand = async (task: HandlerContext, ...words: ReadonlyArray<string>): Promise<HandlerRun> => {
  const printed: Record<'stdout' | 'stderr', Array<string>> = { stdout: [], stderr: [] }
  const { handle } = createHandler(words, { onLine: (_, stream, line) => void printed[stream].push(line) })
  return { outcome: await handle(task), ...printed }
}

/** Runs a shell script for a task, to its end. */
export const runScript = (script: string, task = claimedTask()): Promise<HandlerRun> =>
  runCommand(task, '/bin/sh', '-c', script)

/** True if a process exists and is not a zombie. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^(Z.*|)$/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim())
  } catch {
    return false
  }
}

/** Resolves when none of the processes is alive. A killed process takes a little time to end. */
export const waitUntilDead = (pids: ReadonlyArray<number>): Promise<void> =>
  vi.waitFor(
    () => {
      const alive = pids.filter(isAlive)
      if (alive.length > 0) throw new Error(`alive: ${alive.join(', ')}`)
    },
    { timeout: 30_000, interval: 50 },
  )

/** Kills processes that a failed test would leave running. */
export const killAfterTest = (pids: () => ReadonlyArray<number>): void =>
  onTestFinished(() => {
    for (const pid of pids().filter(isAlive)) process.kill(pid, 'SIGKILL')
  })
