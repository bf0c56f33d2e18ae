import * as E from 'fp-ts/lib/Either.js'
import { runWorker, type WorkerSummary, workingDirectory } from '@claimlog/coordinator/workspace'
import { leaseMsOf } from '../arguments.ts'
import { exitCodes, interrupted } from '../exit-codes.ts'
import { goOnUnread } from '../output.ts'
import type { CliError } from '../problem.ts'
import { inWorkspace, type Session, type Settings } from '../session.ts'
import { commandHandler } from './command-handler.ts'
import { commandPath } from './command-path.ts'
import type { WorkOptions } from './work-options.ts'
import { workReport } from './work-report.ts'

/** Who works, on what, and which command does it. */
export type Work = {
  readonly worker: string
  readonly kinds: ReadonlyArray<string>
  readonly command: readonly [string, ...Array<string>]
}

/** Runs a worker whose tasks are done by a command, until it ends or is told to; answers the exit code. */
export const runWork = (settings: WorkOptions & Settings, work: Work): Promise<E.Either<CliError, number>> =>
  inWorkspace(settings, session => workIn(session, settings, work), true)

const workIn = async (
  { dir, workspace }: Session,
  settings: WorkOptions & Settings,
  { worker, kinds, command: [command, ...args] }: Work,
): Promise<E.Either<CliError, number>> => {
  // Said before any task is claimed: each would fail.
  const path = commandPath(command, process.env.PATH, workingDirectory())
  if (E.isLeft(path))
    return E.left({
      usage: 'usage',
      detail: path.left,
      mend: 'name a program that can be run here; no task was claimed',
    })
  // Its leases are to be renewed in the meantime.
  goOnUnread()
  const report = workReport({ workspace, kinds, asJson: settings.json === true })
  const onLine = settings.quiet === true ? undefined : report.line
  const handler = commandHandler({ command, args, dir, graceMs: settings.grace, onLine })
  const told = untilTold(() => report.running(), report.say)
  process.on('exit', handler.close)
  try {
    const done = await runWorker(
      workspace,
      {
        worker,
        kinds,
        slots: settings.slots,
        leaseMs: leaseMsOf(settings.lease),
        timeoutMs: settings.timeout,
        maxTasks: settings.once === true ? 1 : settings.maxTasks,
        until: settings.once === true ? 'unready' : settings.untilEmpty === true ? 'empty' : 'told',
        stop: told.stop,
        stopNow: told.stopNow,
        onEvent: report.event,
      },
      handler.handle,
    )()
    return E.isLeft(done) ? done : endingOf(settings, done.right, told.by())
  } finally {
    report.end()
    handler.close()
  }
}

/** The exit code, or why there was nothing to do. */
const endingOf = (
  { once }: WorkOptions,
  summary: WorkerSummary,
  by: NodeJS.Signals | 'at once' | undefined,
): E.Either<CliError, number> => {
  if (by === 'SIGINT' || by === 'at once') return E.right(interrupted)
  if (once !== true) return E.right(0)
  const { none, failed, lost, completed, released } = summary
  if (none !== undefined && failed + lost + completed + released === 0) return E.left(none)
  return E.right(failed + lost > 0 ? exitCodes.task_failed : 0)
}

type Told = {
  readonly stop: AbortSignal
  readonly stopNow: AbortSignal
  /** What told it to end, and whether at once. */
  readonly by: () => NodeJS.Signals | 'at once' | undefined
}

/** The first SIGINT or SIGTERM ends the worker with its work, the second stops that; so does a terminal that goes away. */
const untilTold = (running: () => number, say: (text: string) => void): Told => {
  const [stop, stopNow] = [new AbortController(), new AbortController()]
  let by: ReturnType<Told['by']>
  const told = (signal: NodeJS.Signals): void => {
    if (by === undefined && signal !== 'SIGHUP') {
      by = signal
      stop.abort()
      if (running() > 0) say('claimlog: taking no more tasks; once more stops those that run, and gives them back\n')
      return
    }
    by = 'at once'
    stopNow.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, told)
  return { stop: stop.signal, stopNow: stopNow.signal, by: () => by }
}
