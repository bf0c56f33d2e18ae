import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { type AnonymousPipes, anonymousPipes } from './anonymous-pipes.ts'
import { argumentsFor } from './command-arguments.ts'
import { commandEnvironment } from './command-environment.ts'
import { outcomeOf } from './command-outcome.ts'
import { commandPath } from './command-path.ts'
import { type HeldTask, type WorkHandler, workingDirectory, type WorkOutcome } from '@claimlog/coordinator/workspace'
import { outputEnd } from './output-end.ts'
import { readOutput } from './reading-output.ts'
import { newCommandFolder, type CommandFolder } from './command-folder.ts'
import { readResult } from './result-file.ts'
import { type RunningCommand, startCommand } from './running-command.ts'

/** A command that is run once for each task. */
export type WorkCommand = {
  readonly command: string
  /** `{id}` and `{kind}` in them are replaced by the task's. */
  readonly args: ReadonlyArray<string>
  /** The workspace's directory. */
  readonly dir: string
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /**
   * Takes each line that the command prints, at most 8 KiB a piece, without its line break and otherwise as it is. While
   * what it returns is pending, no more is read of this stream.
   */
  readonly onLine?: (held: HeldTask, stream: 'stdout' | 'stderr', line: string) => void | Promise<void>
}

/** Runs a command for each task. */
export type CommandHandler = {
  /** Rejects only with what `onLine` threw. */
  readonly handle: WorkHandler
  /** Kills all commands that run, with all they started, and starts no more; for a process that is about to end. */
  readonly close: () => void
}

/**
 * A handler that runs `command`: the task as one line of JSON on its stdin, and in its environment (command-environment.ts).
 * What its exit says: command-outcome.ts. Nothing that it started outlives it, or this process: guard.ts says how far.
 */
export const commandHandler = (command: WorkCommand): CommandHandler => {
  const running = new Set<() => void>()
  const pipes = anonymousPipes()
  // Where a command is looked for, also where this directory is removed one day.
  const cwd = workingDirectory()
  const dir = resolve(command.dir)
  let isClosed = false
  const handle: WorkHandler = async held => {
    if (isClosed || held.signal.aborted) return stopped
    const path = commandPath(command.command, process.env.PATH, cwd)
    if (E.isLeft(path)) return { outcome: 'failed', error: path.left }
    const folder = E.tryCatch(() => newCommandFolder(held.task), notStarted(command))
    if (E.isLeft(folder)) return { outcome: 'failed', error: folder.left }
    try {
      const started = await start({ ...command, dir }, held, path.right, folder.right, pipes)
      if (E.isLeft(started)) return { outcome: 'failed', error: started.left }
      const end = (): void => {
        started.right.killAtOnce()
        folder.right.removeAtOnce()
      }
      running.add(end)
      // It may have been closed in the meantime.
      if (isClosed) end()
      return await attend(command, held, started.right, folder.right).finally(() => running.delete(end))
    } finally {
      await folder.right.remove()
    }
  }
  return {
    handle,
    close: () => {
      isClosed = true
      for (const end of running) end()
      pipes.close()
    },
  }
}

const stopped: WorkOutcome = { outcome: 'released', reason: 'the worker was told to stop' }

const notStarted =
  ({ command }: WorkCommand) =>
  (thrown: unknown): string =>
    `${command} could not be started: ${(thrown as Error).message}`

const start = async (
  command: WorkCommand,
  held: HeldTask,
  path: string,
  folder: CommandFolder,
  pipes: AnonymousPipes,
): Promise<E.Either<string, RunningCommand>> => {
  try {
    const running = await startCommand({
      path,
      args: argumentsFor(command.args, held.task),
      run: randomUUID(),
      scratch: folder.path,
      environment: commandEnvironment(held, { dir: command.dir, resultPath: folder.resultPath }),
      inputPath: folder.inputPath,
      pipes: [await pipes.take(), await pipes.take()],
    })
    return E.right(running)
  } catch (thrown) {
    return E.left(notStarted(command)(thrown))
  }
}

/** Stays with a command until it is gone, and says what came of it. */
const attend = async (
  { graceMs, onLine }: WorkCommand,
  held: HeldTask,
  running: RunningCommand,
  folder: CommandFolder,
): Promise<WorkOutcome> => {
  const lines = (stream: 'stdout' | 'stderr') =>
    onLine === undefined ? {} : { line: (line: string) => onLine(held, stream, line) }
  const stderr = outputEnd()
  const outputs = [
    readOutput(running.stdout, lines('stdout')),
    readOutput(running.stderr, { ...lines('stderr'), chunk: stderr.take }),
  ]
  const attention = stopOnAbort(held.signal, running, graceMs)
  const ending = await running.ended
  attention.end()
  if (held.signal.aborted) {
    for (const output of outputs) output.drop()
    return stopped
  }
  await Promise.all(outputs.map(output => output.finish()))
  return outcomeOf(ending, { stderrEnd: stderr.text(), result: () => readResult(folder.resultPath) })
}

/** Has the command stop when `signal` aborts: asked first, and killed where it has not ended in time. */
const stopOnAbort = (signal: AbortSignal, running: RunningCommand, graceMs: number): { readonly end: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    running.signal('SIGTERM')
    timer = setTimeout(() => running.signal('SIGKILL'), graceMs)
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return {
    end: () => {
      signal.removeEventListener('abort', stop)
      clearTimeout(timer)
    },
  }
}
