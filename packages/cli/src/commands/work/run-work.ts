import { stat } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  findPlace,
  type LocalQueue,
  type LogPlace,
  requireScram,
  runWorker,
  type WorkerEvent,
  type WorkerSummary,
  withoutPassword,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import { toLeaseMs } from '../../input/arguments.ts'
import { brokenPipeExitCode, exitCodes, interruptedExitCode } from '@claimlog/wire'
import { refuseMissingWorker, warnAboutUnknownKinds } from '../../kind-check.ts'
import { makeOutputNonBlocking } from '../../output/output.ts'
import type { CliError } from '../../cli-error.ts'
import { openFoundWorkspace, type Session, type Settings } from '../../run.ts'
import { type CommandLog, commandHandler, checkRunnable, removeStaleFolders } from '@claimlog/command-runner'
import { type StopCause, type StopSignals, listenForStop } from './stop-signals.ts'
import type { WorkFlags } from './work-options.ts'
import { createWorkReport } from './work-report.ts'
import { type WorkResults, createWorkResults } from './work-results.ts'

/** The arguments of `claimlog work`: the worker, its kinds, and the command to run for each task. */
export type WorkArguments = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  readonly command: readonly [string, ...Array<string>]
}

/** Runs a worker that executes a command for each task, until it is done or stopped. Returns the exit code. */
export const runWork = (settings: WorkFlags & Settings, work: WorkArguments): TE.TaskEither<CliError, number> =>
  pipe(
    TE.fromEither(findPlace(settings)),
    TE.bindTo('place'),
    TE.bindW('session', ({ place }) => openFoundWorkspace(place, settings, true)),
    TE.chainFirstW(({ session: { queue } }) => checkWork(queue, settings, work)),
    TE.chainW(
      ({ place, session }) =>
        () =>
          workUntilStopped(place, session, settings, work),
    ),
  )

/** Refuses invalid input before any task is claimed. */
const checkWork = (queue: LocalQueue, settings: WorkFlags, { worker, kinds, command: [command] }: WorkArguments) =>
  pipe(
    TE.fromEither(checkExecutable(command)),
    TE.chainW(() => refuseMissingWorker(queue, { worker, kinds, anyKind: settings.anyKind })),
    TE.chainW(() => warnAboutUnknownKinds(queue, kinds)),
  )

const checkExecutable = (command: string): E.Either<CliError, void> => {
  const problem = checkRunnable(command, process.env.PATH, workingDirectory())
  return problem === undefined ? E.right(undefined) : toNotRunnableError(problem)
}

const workUntilStopped = async (
  place: LogPlace,
  session: Session,
  settings: WorkFlags & Settings,
  { worker, kinds, command: [command, ...args] }: WorkArguments,
): Promise<E.Either<CliError, number>> => {
  const { queue } = session
  const cwd = workingDirectory()
  // The first asynchronous file call starts Node's thread pool, and Node aborts if the system has no threads left: do it now.
  await stat('/')
  removeStaleFolders()

  const { slots, once, json, quiet, tag } = settings
  const report = createWorkReport({
    ...{ queue, kinds, slots },
    ...{ asJson: json === true, isQuiet: quiet === true, isTagged: tag === true },
  })
  const stopSignals = listenForStop(() => report.countRunning(), report.report)
  // Leases must be renewed even if no one reads the output.
  makeOutputNonBlocking((stream, error) => {
    if (stream === 'stdout') report.stopOutput()
    stopSignals.reportWriteError(stream, error)
  })
  const handler = commandHandler({
    command,
    args,
    log: toCommandLog(place),
    cwd,
    graceMs: settings.grace,
    output: report.output,
  })
  const results = createWorkResults(queue)
  const onEvent = (event: WorkerEvent): void => {
    results.event(event)
    report.event(event)
  }
  process.on('exit', handler.close)
  try {
    const leaseMs = toLeaseMs(settings.lease)
    const limits = { slots, leaseMs, timeoutMs: settings.timeout, ...toLimits(settings) }
    const { stop, stopNow } = stopSignals
    const result = await runWorker(
      session,
      { worker, kinds, ...limits, stop, signal: stopNow, onEvent },
      handler.handle,
    )()
    return E.isLeft(result)
      ? ignoreLostReader(stopSignals, result)
      : await toExitCode(once === true, result.right, stopSignals.cause(), results)
  } finally {
    report.end()
    handler.close()
  }
}

/**
 * The log for the commands of tasks: the URL without its password, and the directory if it was named. To a command its
 * environment names the log, so the URL itself says that a file does.
 */
const toCommandLog = (place: LogPlace): CommandLog => {
  if (place._tag === 'directory') return { dir: place.dir }
  const url = withoutPassword(place.url)
  return { url: place.isNamedByFile ? requireScram(url) : url, dir: place.keepsQueueFile ? place.dir : undefined }
}

const toNotRunnableError = (detail: string): E.Either<CliError, never> =>
  E.left({ usage: 'usage', detail, hint: 'name an executable program; no task was claimed' })

const toLimits = ({ once, maxTasks, untilEmpty }: WorkFlags) =>
  once === true
    ? ({ maxTasks: 1, until: 'idle', failuresMax: 1 } as const)
    : ({ maxTasks, until: untilEmpty === true ? 'drained' : 'stopped' } as const)

/** If the reader of the output is gone, only the exit code for that is left to report. */
const ignoreLostReader = (stopSignals: StopSignals, failure: E.Left<CliError>): E.Either<CliError, number> => {
  const cause = stopSignals.cause()
  return typeof cause === 'object' && cause.code === 'EPIPE' ? E.right(brokenPipeExitCode) : failure
}

/** The exit code, or the refusal of `--once`. The cause that stopped the worker takes precedence over its tasks. */
const toExitCode = async (
  isOnce: boolean,
  summary: WorkerSummary,
  cause: StopCause | undefined,
  results: WorkResults,
): Promise<E.Either<CliError, number>> => {
  if (typeof cause === 'object') {
    if (cause.code === 'EPIPE') return E.right(brokenPipeExitCode)
    return E.left({ usage: 'file_not_written', path: cause.unwritable, detail: cause.detail })
  }
  if (cause === 'SIGINT' || cause === 'at once') return E.right(interruptedExitCode)
  const { none, failed, lost, completed, released } = summary
  if (isOnce && none !== undefined && failed + lost + completed + released === 0) return E.left(none)
  const worst = await results.findWorst()
  if (worst === 'cancelled') return E.right(exitCodes.task_cancelled)
  // With --once the attempt counts: a failed one may be retried later, but not by this process.
  const isFailed = worst === 'failed' || (isOnce && failed + lost > 0)
  return E.right(isFailed ? exitCodes.task_failed : 0)
}
