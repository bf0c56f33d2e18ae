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
import { expandArguments } from './command-arguments.ts'
import { commandEnvironment, type CommandLog } from './command-environment.ts'
import { type CommandFolder, createCommandFolder } from './command-folder.ts'
import { commandOutcome } from './command-outcome.ts'
import { resolveCommandPath } from './command-path.ts'
import { notStartedMarker } from './watchdog.ts'
import { outputTail } from './output-tail.ts'
import { type OutputConsumer, readOutput } from './output-reader.ts'
import { checkRoom, readResult } from './result-file.ts'
import { type CommandExit, type RunningCommand, startCommand } from './running-command.ts'
import { noDirectory, noFolder, notStarted } from './worker-failures.ts'
import { type WorkerFolder, workerFolder } from './worker-folder.ts'

/** A command to run for each task. */
export type WorkCommand = {
  readonly command: string
  /** `{id}` and `{kind}` are replaced by the task's. */
  readonly args: ReadonlyArray<string>
  readonly log: CommandLog
  /** The working directory, from which the command is also resolved; undefined: it was deleted. */
  readonly cwd: string | undefined
  /** The time between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Returns a consumer for the output of a command. While its promise is pending, the stream is not read. */
  readonly output?: (context: HandlerContext, stream: 'stdout' | 'stderr') => OutputConsumer
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
  const log = resolveDirectory(command)
  let isClosed = false

  /** Resolves the program, creates the folder, runs the command. */
  const run = (context: HandlerContext): T.Task<WorkOutcome> =>
    pipe(
      TE.fromIOEither(() => resolveCommand(command)),
      TE.bindTo('path'),
      TE.bind('commandFolder', () => TE.fromIOEither(() => makeFolder(folder, context))),
      TE.chain(({ path, commandFolder }) => runInFolder(context, path, commandFolder)),
      TE.getOrElse(failure => T.of(workerFailed(failure))),
    )
  const runInFolder =
    (context: HandlerContext, path: string, commandFolder: CommandFolder): TE.TaskEither<WorkerFailed, WorkOutcome> =>
    async () => {
      try {
        const startResult = await startInFolder({ ...command, log }, context, path, commandFolder, pipes)()
        return E.isLeft(startResult)
          ? startResult
          : E.right(await superviseCommand(context, startResult.right, commandFolder))
      } finally {
        await commandFolder.remove()
      }
    }
  const superviseCommand = async (
    context: HandlerContext,
    child: RunningCommand,
    commandFolder: CommandFolder,
  ): Promise<WorkOutcome> => {
    const kill = (): void => {
      child.killSync()
      commandFolder.removeSync()
    }
    running.add(kill)
    // The handler may have been closed in the meantime.
    if (isClosed) kill()
    const outcome = await waitForOutcome(command, context, child, commandFolder).finally(() => running.delete(kill))
    return outcome.outcome === 'failed' && !isClosed
      ? await checkMachine(outcome, context, commandFolder, folder)
      : outcome
  }
  return {
    handle: async context => {
      if (isClosed || context.signal.aborted) return stopped
      try {
        return await run(context)()
      } catch (thrown) {
        return workerFailed(notStarted(command.command, thrown))
      }
    },
    close: () => {
      isClosed = true
      for (const kill of running) kill()
      pipes.close()
      folder.remove()
    },
  }
}

/** The log with an absolute directory: commands may run in another one. */
const resolveDirectory = ({ log, cwd }: WorkCommand): CommandLog =>
  cwd === undefined || log.dir === undefined ? log : { ...log, dir: resolve(cwd, log.dir) }

const stopped: WorkOutcome = { outcome: 'released', reason: 'the worker was stopped' }

const makeFolder = (parent: WorkerFolder, context: HandlerContext): E.Either<WorkerFailed, CommandFolder> =>
  E.tryCatch(() => createCommandFolder(parent, context.task), noFolder)

const workerFailed = (failure: WorkerFailed): WorkOutcome => ({ outcome: 'worker_failed', failure })

/** Resolves the program; fails if the working directory was deleted. */
const resolveCommand = ({ command, cwd }: WorkCommand): E.Either<WorkerFailed, string> => {
  // A deleted directory has no links left; a moved one does.
  if (cwd !== undefined && statSync('.').nlink === 0) return E.left(noDirectory(cwd))
  const path = resolveCommandPath(command, process.env.PATH, cwd)
  return E.isLeft(path) ? E.left(notStarted(command, path.left)) : path
}

const startInFolder =
  (
    command: WorkCommand,
    context: HandlerContext,
    path: string,
    folder: CommandFolder,
    pipes: AnonymousPipes,
  ): TE.TaskEither<WorkerFailed, RunningCommand> =>
  async () => {
    try {
      const running = await startCommand({
        path,
        args: expandArguments(command.args, context.task),
        runId: randomUUID(),
        scratch: folder.path,
        environment: commandEnvironment(context, { log: command.log, resultPath: folder.resultPath }),
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
const waitForOutcome = async (
  command: WorkCommand,
  context: HandlerContext,
  running: RunningCommand,
  folder: CommandFolder,
): Promise<WorkOutcome> => {
  const { graceMs, output = (): OutputConsumer => ({}) } = command
  const stderr = outputTail()
  const stderrConsumer = output(context, 'stderr')
  const keepTail = (chunk: Buffer): void | Promise<void> => {
    stderr.append(chunk)
    return stderrConsumer.chunk?.(chunk)
  }
  const outputs = [
    readOutput(running.stdout, output(context, 'stdout')),
    readOutput(running.stderr, { ...stderrConsumer, chunk: keepTail }),
  ]
  const abortListener = stopOnAbort(context.signal, running, graceMs)
  const exit = await running.exited
  abortListener.end()
  if (context.signal.aborted) {
    for (const each of outputs) each.discard()
    return stopped
  }
  await Promise.all(outputs.map(each => each.finish()))
  if (wasNotStarted(exit, command, folder)) return workerFailed(notStarted(command.command, stderr.text()))
  return commandOutcome(exit, { stderrTail: stderr.text(), result: readResult(folder.resultPath) })
}

/**
 * True if the shell exited before it could start the command. It leaves a marker file. If it could not write that, or
 * if `env` could not start the command, the exit status and a missing program show it.
 */
const wasNotStarted = ({ status }: CommandExit, command: WorkCommand, folder: CommandFolder): boolean =>
  existsSync(join(folder.path, notStartedMarker)) ||
  ((status === 126 || status === 127) && E.isLeft(resolveCommand(command)))

/**
 * Checks if another command could be started now. If not, the failure may not be the command's fault, for example
 * because the disk was full when it wrote its result. Its own files are deleted first.
 */
const checkMachine = async (
  failed: WorkOutcome,
  context: HandlerContext,
  commandFolder: CommandFolder,
  parent: WorkerFolder,
): Promise<WorkOutcome> => {
  await commandFolder.remove()
  const probe = E.tryCatch(() => {
    const probeFolder = createCommandFolder(parent, context.task)
    checkRoom(probeFolder.path)
    return probeFolder
  }, noFolder)
  return pipe(
    TE.fromEither(probe),
    TE.chainTaskK(probeFolder => () => probeFolder.remove()),
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
