import {
  isResourceError,
  type QueueParts,
  resourceErrorMessage,
  toPrintable,
  toPrintableLines,
} from '@claimlog/client/unstable-internals'
import { exitCodes, interruptedExitCode } from '@claimlog/wire'
import { toShownError } from './cli-error.ts'
import { isFlushed, jsonDocument, writeStdout, errorDocument, errorText, writeStderr } from './output/output.ts'

/** Deletes empty variables: scripts write `CLAIMLOG_DIR= claimlog …` for one that is not set. */
export const deleteEmptySettings = (): void => {
  for (const name in process.env) if (name.startsWith('CLAIMLOG_') && process.env[name] === '') delete process.env[name]
}

/** Returns what to report if a signal ends the process now; undefined: nothing. */
let describeInterruption: () => string | undefined = () => undefined

const reportInterruption = (): void => {
  const report = describeInterruption()
  if (report !== undefined) writeStderr(report)
}

/**
 * Reports that an append was perhaps done, if a signal ends the process while a server owes its answer. For signals for
 * which the command has no handler of its own.
 */
export const explainUnansweredAppend = ({ log }: Pick<QueueParts, 'log'>): void => {
  const { hasUnansweredAppend } = log
  if (hasUnansweredAppend === undefined) return
  const detail = 'interrupted before its answer came'
  const unknown = { path: log.describe(), operation: 'append to', detail, isUsable: true } as const
  describeInterruption = () =>
    hasUnansweredAppend() ? errorText(toShownError({ failure: 'OutcomeUnknown', ...unknown })) : undefined
  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      if (process.listenerCount(signal) > 0) return
      reportInterruption()
      process.kill(process.pid, signal)
    })
}

/** Exits explicitly: Node would wait for its compiler threads to finish, which takes longer than a short command. */
const exitNow = (): void => {
  if (isFlushed()) process.exit()
  process.once('beforeExit', () => process.exit())
}

/**
 * Waits for the command and for its deferred work, then exits. A defect or a lack of system resources is reported and exits
 * with code 1; Ctrl-C exits with 130.
 */
export const runMain = (work: Promise<void>): void => {
  process.on('SIGINT', () => {
    // Commands with their own handler, such as `tail -f`, end themselves. Any other is short, or waits for a lock or stdin.
    if (process.listenerCount('SIGINT') > 1) return
    reportInterruption()
    process.exit(interruptedExitCode)
  })
  let hasResult = false
  const allWork = work.then(() => {
    hasResult = true
    return runDeferred()
  })
  const ending = allWork.catch((error: unknown) => {
    if (isResourceError(error)) reportSystemError(error, hasResult)
    else reportDefect(error)
  })
  void ending.then(exitNow)
}

/** A failure of deferred work does not change the result of the command. */
const reportSystemError = (error: NodeJS.ErrnoException, hasResult: boolean): void => {
  if (hasResult) return writeStderr(`claimlog: ${toPrintable(error.message)}\n  The command itself succeeded.\n`)
  writeStdout(errorDocument({ ...resourceErrorMessage(error), exitCode: exitCodes.io_failed }))
  process.exitCode = exitCodes.io_failed
}

const reportDefect = (defect: unknown): void => {
  const message = defect instanceof Error ? defect.message : String(defect)
  const hint = 'this is a bug in claimlog; please report it with the output on stderr'
  writeStdout(jsonDocument({ ok: false, error: 'internal', message, hint }))
  writeStderr(`${toPrintableLines(defect instanceof Error ? (defect.stack ?? message) : message)}\n`)
  process.exitCode = exitCodes.internal
}

/** Work to do after the result has been printed. */
const deferredWork: Array<() => Promise<void>> = []

/** Runs `work` after the result has been printed. A function that is deferred several times runs once. */
export const defer = (work: () => Promise<void>): void => {
  if (!deferredWork.includes(work)) deferredWork.push(work)
}

/** Runs deferred work, including work deferred by it. */
const runDeferred = async (): Promise<void> => {
  for (let work = deferredWork.shift(); work !== undefined; work = deferredWork.shift()) await work()
}
