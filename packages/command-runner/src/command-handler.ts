import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { startTimer, type HandlerContext, type WorkHandler, type WorkOutcome } from '@claimlog/worker'
import type { WorkerFailed } from '@claimlog/messages'
import { type AnonymousPipes, anonymousPipes } from './anonymous-pipes.ts'
import { argumentsFor } from './command-arguments.ts'
import { commandEnvironment } from './command-environment.ts'
import { type CommandFolder, newCommandFolder } from './command-folder.ts'
import { outcomeOf } from './command-outcome.ts'
import { commandPath } from './command-path.ts'
import { notStartedMark } from './guard.ts'
import { outputEnd } from './output-end.ts'
import { type OutputTaker, readOutput } from './reading-output.ts'
import { checkRoom, readResult } from './result-file.ts'
import { type Ending, type RunningCommand, startCommand } from './running-command.ts'
import { noDirectory, noFolder, notStarted } from './worker-failures.ts'
import { type WorkerFolder, workerFolder } from './worker-folder.ts'

/** A command to run for each task. */
export type WorkCommand = {
  readonly command: string
  /** `{id}` and `{kind}` are replaced by the task's. */
  readonly args: ReadonlyArray<string>
  /** The directory of the workspace. */
  readonly dir: string
  /** The working directory, from which the command is also resolved; undefined: it was deleted. */
  readonly cwd: string | undefined
  /** The time between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Returns a consumer for the output of a command. While its promise is pending, the stream is not read. */
  readonly output?: (held: HandlerContext, stream: 'stdout' | 'stderr') => OutputTaker
}

/** Runs a command for each task. */
export type CommandHandler = {
  /** Never rejects: a failure that is not the command's fault is returned as `worker_failed`. */
  readonly handle: WorkHandler
  /** Kills all running commands with their child processes and starts no more; for a process that is about to exit. */
  readonly close: () => void
}

/**
 * Creates a handler that runs `command`, with the task as one line of JSON on stdin and in the environment
 * (command-environment.ts). The exit status determines the outcome (command-outcome.ts). No process that the command
 * started outlives it or this process, with the exceptions listed in watchdog.ts.
 */
export const commandHandler = (command: WorkCommand): CommandHandler => {
  const running = new Set<() => void>()
  const folder = workerFolder()
  const pipes = anonymousPipes(folder)
  const dir = command.cwd === undefined ? command.dir : resolve(command.cwd, command.dir)
  let isClosed = false

  /** Resolves the program, creates the folder, runs the command. */
  const run = (held: HandlerContext): T.Task<WorkOutcome> =>
    pipe(
      TE.fromIOEither(() => pathOf(command)),
      TE.bindTo('path'),
      TE.bind('commandFolder', () => TE.fromIOEither(() => makeFolder(folder, held))),
      TE.chain(({ path, commandFolder }) => runInFolder(held, path, commandFolder)),
      TE.getOrElse(failure => T.of(workerFailed(failure))),
    )
  const runInFolder =
    (held: HandlerContext, path: string, own: CommandFolder): TE.TaskEither<WorkerFailed, WorkOutcome> =>
    async () => {
      try {
        const started = await start({ ...command, dir }, held, path, own, pipes)()
        return E.isLeft(started) ? started : E.right(await superviseCommand(held, started.right, own))
      } finally {
        await own.remove()
      }
    }
  const superviseCommand = async (
    held: HandlerContext,
    child: RunningCommand,
    own: CommandFolder,
  ): Promise<WorkOutcome> => {
    const end = (): void => {
      child.killAtOnce()
      own.removeAtOnce()
    }
    running.add(end)
    // The handler may have been closed in the meantime.
    if (isClosed) end()
    const outcome = await attend(command, held, child, own).finally(() => running.delete(end))
    return outcome.outcome === 'failed' && !isClosed ? await unlessSick(outcome, held, own, folder) : outcome
  }
  return {
    handle: async held => {
      if (isClosed || held.signal.aborted) return stopped
      try {
        return await run(held)()
      } catch (thrown) {
        return workerFailed(notStarted(command.command, thrown))
      }
    },
    close: () => {
      isClosed = true
      for (const end of running) end()
      pipes.close()
      folder.remove()
    },
  }
}

const stopped: WorkOutcome = { outcome: 'released', reason: 'the worker was stopped' }

const makeFolder = (parent: WorkerFolder, held: HandlerContext): E.Either<WorkerFailed, CommandFolder> =>
  E.tryCatch(() => newCommandFolder(parent, held.task), noFolder)

const workerFailed = (failure: WorkerFailed): WorkOutcome => ({ outcome: 'worker_failed', failure })

/** Resolves the program; fails if the working directory was deleted. */
const pathOf = ({ command, cwd }: WorkCommand): E.Either<WorkerFailed, string> => {
  // A deleted directory has no links left; a moved one does.
  if (cwd !== undefined && statSync('.').nlink === 0) return E.left(noDirectory(cwd))
  const path = commandPath(command, process.env.PATH, cwd)
  return E.isLeft(path) ? E.left(notStarted(command, path.left)) : path
}

const start =
  (
    command: WorkCommand,
    held: HandlerContext,
    path: string,
    folder: CommandFolder,
    pipes: AnonymousPipes,
  ): TE.TaskEither<WorkerFailed, RunningCommand> =>
  async () => {
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
      // Unused pipes keep files open, and the limit may have been reached.
      pipes.close()
      return E.left(notStarted(command.command, thrown))
    }
  }

/** Supervises a command until it has exited, and returns its outcome. */
const attend = async (
  command: WorkCommand,
  held: HandlerContext,
  running: RunningCommand,
  folder: CommandFolder,
): Promise<WorkOutcome> => {
  const { graceMs, output = (): OutputTaker => ({}) } = command
  const stderr = outputEnd()
  const toStderr = output(held, 'stderr')
  const keepEnd = (chunk: Buffer): void | Promise<void> => {
    stderr.take(chunk)
    return toStderr.chunk?.(chunk)
  }
  const outputs = [
    readOutput(running.stdout, output(held, 'stdout')),
    readOutput(running.stderr, { ...toStderr, chunk: keepEnd }),
  ]
  const attention = stopOnAbort(held.signal, running, graceMs)
  const ending = await running.ended
  attention.end()
  if (held.signal.aborted) {
    for (const each of outputs) each.drop()
    return stopped
  }
  await Promise.all(outputs.map(each => each.finish()))
  if (wasNotStarted(ending, command, folder)) return workerFailed(notStarted(command.command, stderr.text()))
  return outcomeOf(ending, { stderrEnd: stderr.text(), result: readResult(folder.resultPath) })
}

/**
 * True if the shell exited before it could start the command. It leaves a marker file. If it could not write that, or
 * if `env` could not start the command, the exit status and a missing program show it.
 */
const wasNotStarted = ({ status }: Ending, command: WorkCommand, folder: CommandFolder): boolean =>
  existsSync(join(folder.path, notStartedMark)) || ((status === 126 || status === 127) && E.isLeft(pathOf(command)))

/**
 * Checks if another command could be started now. If not, the failure may not be the command's fault, for example
 * because the disk was full when it wrote its result. Its own files are deleted first.
 */
const unlessSick = async (
  failed: WorkOutcome,
  held: HandlerContext,
  own: CommandFolder,
  parent: WorkerFolder,
): Promise<WorkOutcome> => {
  await own.remove()
  const probe = E.tryCatch(() => {
    const another = newCommandFolder(parent, held.task)
    checkRoom(another.path)
    return another
  }, noFolder)
  return pipe(
    TE.fromEither(probe),
    TE.chainTaskK(another => () => another.remove()),
    TE.match(workerFailed, () => failed),
  )()
}

/** Sends SIGTERM to the command when `signal` aborts, and SIGKILL if it has not exited after `graceMs`. */
const stopOnAbort = (signal: AbortSignal, running: RunningCommand, graceMs: number): { readonly end: () => void } => {
  let kill: ReturnType<typeof startTimer> | undefined
  const stop = (): void => {
    running.signal('SIGTERM')
    kill = startTimer(graceMs, () => running.signal('SIGKILL'))
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  return {
    end: () => {
      signal.removeEventListener('abort', stop)
      kill?.cancel()
    },
  }
}
