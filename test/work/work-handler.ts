import { execFileSync } from 'node:child_process'
import { onTestFinished, vi } from 'vitest'
import { type CommandHandler, commandHandler, type WorkCommand } from '@claimlog/command-runner'
import type { HandlerContext, WorkOutcome } from '@claimlog/worker'
import { temporaryDirectory } from '../support/claimlog-process.ts'

/** A task with this id that a worker has claimed. */
export const held = (id = 'inspect-docs', signal: AbortSignal = new AbortController().signal): HandlerContext => ({
  task: { id, kind: 'docs', status: 'ready', payload: { file: 'README.md' } },
  claim: {
    worker: 'docs-worker',
    token: 4,
    attempt: 2,
    claimed_at: '2025-01-01T12:00:00.000Z',
    lease_until: '2025-01-01T12:15:00.000Z',
  },
  signal,
  progress: async () => undefined,
})

/** The outcome of a command, and the lines that it printed. */
export type Ran = {
  readonly outcome: WorkOutcome
  readonly stdout: ReadonlyArray<string>
  readonly stderr: ReadonlyArray<string>
}

type Options = Partial<WorkCommand> & {
  readonly onLine?: (held: HandlerContext, stream: 'stdout' | 'stderr', line: string) => void | Promise<void>
}

/** Creates a handler for a test, and closes it afterwards. */
export const handlerFor = (words: ReadonlyArray<string>, { onLine, ...options }: Options = {}): CommandHandler => {
  const [command = '', ...args] = words
  const output: WorkCommand['output'] = (task, stream) =>
    onLine === undefined ? {} : { line: line => onLine(task, stream, line) }
  const given = { command, args, dir: temporaryDirectory(), cwd: process.cwd(), graceMs: 60_000, output }
  const handler = commandHandler({ ...given, ...options })
  onTestFinished(handler.close)
  return handler
}

/** Runs a command for a task, to its end. */
export const runFor = async (task: HandlerContext, ...words: ReadonlyArray<string>): Promise<Ran> => {
  const printed: Record<'stdout' | 'stderr', Array<string>> = { stdout: [], stderr: [] }
  const { handle } = handlerFor(words, { onLine: (_, stream, line) => void printed[stream].push(line) })
  return { outcome: await handle(task), ...printed }
}

/** Runs a shell script for a task, to its end. */
export const runScript = (script: string, task = held()): Promise<Ran> => runFor(task, '/bin/sh', '-c', script)

/** True if a process exists and is not a zombie. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^(Z.*|)$/.test(execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim())
  } catch {
    return false
  }
}

/** Resolves when none of the processes is alive. A killed process takes a little time to end. */
export const untilGone = (pids: ReadonlyArray<number>): Promise<void> =>
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
