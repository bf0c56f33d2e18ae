import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { callIn, type HeldTask, type WorkHandler, type WorkOutcome } from '@claimlog/worker'
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

/** A command that is run once for each task. */
export type WorkCommand = {
  readonly command: string
  /** `{id}` and `{kind}` in them are replaced by the task's. */
  readonly args: ReadonlyArray<string>
  /** The workspace's directory. */
  readonly dir: string
  /** Where the command is looked for, and runs; undefined: that directory is deleted. */
  readonly cwd: string | undefined
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number
  /** Who takes what the command for a task prints. While what a taker returns is pending, no more is read of this stream. */
  readonly output?: (held: HeldTask, stream: 'stdout' | 'stderr') => OutputTaker
}

/** Runs a command for each task. */
export type CommandHandler = {
  /** Never rejects: what the command is not to blame for is answered as the worker's failure. */
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
  const folder = workerFolder()
  const pipes = anonymousPipes(folder)
  const dir = command.cwd === undefined ? command.dir : resolve(command.cwd, command.dir)
  let isClosed = false

  /** Starts the command and stays with it, in the order of what can go wrong. */
  const run = (held: HeldTask): T.Task<WorkOutcome> =>
    pipe(
      TE.fromIOEither(() => pathOf(command)),
      TE.bindTo('path'),
      TE.bind('own', () => TE.fromIOEither(() => makeFolder(folder, held))),
      TE.chain(({ path, own }) => runInFolder(held, path, own)),
      TE.getOrElse(failure => T.of(workerFailed(failure))),
    )
  const runInFolder =
    (held: HeldTask, path: string, own: CommandFolder): TE.TaskEither<WorkerFailed, WorkOutcome> =>
    async () => {
      try {
        const started = await start({ ...command, dir }, held, path, own, pipes)()
        return E.isLeft(started) ? started : E.right(await superviseCommand(held, started.right, own))
      } finally {
        await own.remove()
      }
    }
  const superviseCommand = async (held: HeldTask, child: RunningCommand, own: CommandFolder): Promise<WorkOutcome> => {
    const end = (): void => {
      child.killAtOnce()
      own.removeAtOnce()
    }
    running.add(end)
    // It may have been closed in the meantime.
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

const stopped: WorkOutcome = { outcome: 'released', reason: 'the worker was told to stop' }

const makeFolder = (parent: WorkerFolder, held: HeldTask): E.Either<WorkerFailed, CommandFolder> =>
  E.tryCatch(() => newCommandFolder(parent, held.task), noFolder)

const workerFailed = (failure: WorkerFailed): WorkOutcome => ({ outcome: 'worker_failed', failure })

/** The file to run, in a directory that is still there. */
const pathOf = ({ command, cwd }: WorkCommand): E.Either<WorkerFailed, string> => {
  // A deleted directory has no name left; one that was moved has.
  if (cwd !== undefined && statSync('.').nlink === 0) return E.left(noDirectory(cwd))
  const path = commandPath(command, process.env.PATH, cwd)
  return E.isLeft(path) ? E.left(notStarted(command, path.left)) : path
}

const start =
  (
    command: WorkCommand,
    held: HeldTask,
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
      // Those that lie ready are open files, and there may be too many.
      pipes.close()
      return E.left(notStarted(command.command, thrown))
    }
  }

/** Stays with a command until it is gone, and says what came of it. */
const attend = async (
  command: WorkCommand,
  held: HeldTask,
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
 * Whether it was the shell before the command that has ended. It leaves a mark; where it could not, or where it was `env`
 * that could not start the command, the status and the missing file tell.
 */
const wasNotStarted = ({ status }: Ending, command: WorkCommand, folder: CommandFolder): boolean =>
  existsSync(join(folder.path, notStartedMark)) || ((status === 126 || status === 127) && E.isLeft(pathOf(command)))

/**
 * A command that failed on a machine where the worker could not start another one is not to blame: it may have found no
 * room for its result. What it has filled with its own files is free again by then.
 */
const unlessSick = async (
  failed: WorkOutcome,
  held: HeldTask,
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

/** Has the command stop when `signal` aborts: asked first, and killed where it has not ended in time. */
const stopOnAbort = (signal: AbortSignal, running: RunningCommand, graceMs: number): { readonly end: () => void } => {
  let kill: ReturnType<typeof callIn> | undefined
  const stop = (): void => {
    running.signal('SIGTERM')
    kill = callIn(graceMs, () => running.signal('SIGKILL'))
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
