import { stat } from 'node:fs/promises'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type LocalQueue,
  runWorker,
  type WorkerEvent,
  type WorkerSummary,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import { leaseMsOf } from '../../input/arguments.ts'
import { brokenPipeExitCode, exitCodes, interruptedExitCode } from '@claimlog/wire'
import { refuseMixedNames, warnOfUnknownKinds } from '../../kind-check.ts'
import { goOnUnread } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { openWorkspace, type Session, type Settings } from '../../run.ts'
import { commandHandler, findCommand, removeLeftFolders } from '@claimlog/command-runner'
import { type EndCause, type Told, untilTold } from './told-to-end.ts'
import type { WorkOptions } from './work-options.ts'
import { workReport } from './work-report.ts'
import { type WorkResults, workResults } from './work-results.ts'

/** The arguments of `claimlog work`: the worker, its kinds, and the command to run for each task. */
export type Work = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  readonly command: readonly [string, ...Array<string>]
}

/** Runs a worker that executes a command for each task, until it is done or stopped. Returns the exit code. */
export const runWork = (settings: WorkOptions & Settings, work: Work): TE.TaskEither<CliError, number> =>
  pipe(
    openWorkspace(settings, true),
    TE.chainFirstW(({ queue }) => checkWork(queue, settings, work)),
    TE.chainW(session => () => workIn(session, settings, work)),
  )

/** Refuses invalid input before any task is claimed. */
const checkWork = (queue: LocalQueue, settings: WorkOptions, { worker, kinds, command: [command] }: Work) =>
  pipe(
    TE.fromEither(checkCommand(command)),
    TE.chainW(() => refuseMixedNames(queue, { worker, kinds, anyKind: settings.anyKind })),
    TE.chainW(() => warnOfUnknownKinds(queue, kinds)),
  )

const checkCommand = (command: string): E.Either<CliError, void> => {
  const obstacle = findCommand(command, process.env.PATH, workingDirectory())
  return obstacle === undefined ? E.right(undefined) : notRunnable(obstacle)
}

const workIn = async (
  session: Session,
  settings: WorkOptions & Settings,
  { worker, kinds, command: [command, ...args] }: Work,
): Promise<E.Either<CliError, number>> => {
  const { dir, queue } = session
  const cwd = workingDirectory()
  // The first asynchronous file call starts Node's thread pool, and Node aborts if the system has no threads left: do it now.
  await stat('/')
  removeLeftFolders()

  const { slots, once, json, quiet, tag } = settings
  const report = workReport({
    ...{ queue, kinds, slots },
    ...{ asJson: json === true, isQuiet: quiet === true, isTagged: tag === true },
  })
  const told = untilTold(() => report.running(), report.say)
  // Leases must be renewed even if no one reads the output.
  goOnUnread((stream, thrown) => {
    if (stream === 'stdout') report.stopOutput()
    told.unwritable(stream, thrown)
  })
  const handler = commandHandler({ command, args, dir, cwd, graceMs: settings.grace, output: report.output })
  const results = workResults(queue)
  const onEvent = (event: WorkerEvent): void => {
    results.event(event)
    report.event(event)
  }
  process.on('exit', handler.close)
  try {
    const leaseMs = leaseMsOf(settings.lease)
    const limits = { slots, leaseMs, timeoutMs: settings.timeout, ...limitsOf(settings) }
    const { stop, stopNow } = told
    const done = await runWorker(session, { worker, kinds, ...limits, stop, stopNow, onEvent }, handler.handle)()
    return E.isLeft(done) ? unlessUnread(told, done) : await endingOf(once === true, done.right, told.by(), results)
  } finally {
    report.end()
    handler.close()
  }
}

const notRunnable = (detail: string): E.Either<CliError, never> =>
  E.left({ usage: 'usage', detail, mend: 'name an executable program; no task was claimed' })

const limitsOf = ({ once, maxTasks, untilEmpty }: WorkOptions) =>
  once === true
    ? ({ maxTasks: 1, until: 'unready', failuresMax: 1 } as const)
    : ({ maxTasks, until: untilEmpty === true ? 'empty' : 'told' } as const)

/** If the reader of the output is gone, only the exit code for that is left to report. */
const unlessUnread = (told: Told, no: E.Left<CliError>): E.Either<CliError, number> => {
  const by = told.by()
  return typeof by === 'object' && by.code === 'EPIPE' ? E.right(brokenPipeExitCode) : no
}

/** The exit code, or the refusal of `--once`. The cause that stopped the worker takes precedence over its tasks. */
const endingOf = async (
  isOnce: boolean,
  summary: WorkerSummary,
  by: EndCause | undefined,
  results: WorkResults,
): Promise<E.Either<CliError, number>> => {
  if (typeof by === 'object') {
    if (by.code === 'EPIPE') return E.right(brokenPipeExitCode)
    return E.left({ usage: 'file_not_written', path: by.unwritable, detail: by.detail })
  }
  if (by === 'SIGINT' || by === 'at once') return E.right(interruptedExitCode)
  const { none, failed, lost, completed, released } = summary
  if (isOnce && none !== undefined && failed + lost + completed + released === 0) return E.left(none)
  const worst = await results.worst()
  if (worst === 'cancelled') return E.right(exitCodes.task_cancelled)
  // With --once the attempt counts: a failed one may be retried later, but not by this process.
  const isFailed = worst === 'failed' || (isOnce && failed + lost > 0)
  return E.right(isFailed ? exitCodes.task_failed : 0)
}
