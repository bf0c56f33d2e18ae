import {
  isResourceError,
  resourceErrorMessage,
  toPrintable,
  toPrintableLines,
} from '@claimlog/client/unstable-internals'
import { exitCodes, interruptedExitCode } from '@claimlog/wire'
import { isPrinted, jsonDocument, print, problemDocument, tell } from './output/output.ts'

/** Deletes empty variables: scripts write `CLAIMLOG_DIR= claimlog …` for one that is not set. */
export const forgetEmptySettings = (): void => {
  for (const name in process.env) if (name.startsWith('CLAIMLOG_') && process.env[name] === '') delete process.env[name]
}

/** Exits explicitly: Node would wait for its compiler threads to finish, which takes longer than a short command. */
const endAtOnce = (): void => {
  if (isPrinted()) process.exit()
  process.once('beforeExit', () => process.exit())
}

/**
 * Waits for the command and for its deferred work, then exits. A defect or a lack of system resources is reported and exits
 * with code 1; Ctrl-C exits with 130.
 */
export const runToTheEnd = (work: Promise<void>): void => {
  process.on('SIGINT', () => {
    // Commands with their own handler, such as `tail -f`, end themselves. Any other is short, or waits for a lock or stdin.
    if (process.listenerCount('SIGINT') === 1) process.exit(interruptedExitCode)
  })
  let isAnswered = false
  const whole = work.then(() => {
    isAnswered = true
    return doWhatWasLeft()
  })
  const told = whole.catch((thrown: unknown) => {
    if (isResourceError(thrown)) tellMachineTrouble(thrown, isAnswered)
    else tellDefect(thrown)
  })
  void told.then(endAtOnce)
}

/** A failure of deferred work does not change the result of the command. */
const tellMachineTrouble = (thrown: NodeJS.ErrnoException, isAnswered: boolean): void => {
  if (isAnswered) return tell(`claimlog: ${toPrintable(thrown.message)}\n  The command itself succeeded.\n`)
  print(problemDocument({ ...resourceErrorMessage(thrown), exitCode: exitCodes.io_failed }))
  process.exitCode = exitCodes.io_failed
}

const tellDefect = (defect: unknown): void => {
  const message = defect instanceof Error ? defect.message : String(defect)
  const hint = 'this is a bug in claimlog; please report it with the output on stderr'
  print(jsonDocument({ ok: false, error: 'internal', message, hint }))
  tell(`${toPrintableLines(defect instanceof Error ? (defect.stack ?? message) : message)}\n`)
  process.exitCode = exitCodes.internal
}

/** Work to do after the result has been printed. */
const waiting: Array<() => Promise<void>> = []

/** Runs `work` after the result has been printed. A function that is deferred several times runs once. */
export const afterTheAnswer = (work: () => Promise<void>): void => {
  if (!waiting.includes(work)) waiting.push(work)
}

/** Runs deferred work, including work deferred by it. */
const doWhatWasLeft = async (): Promise<void> => {
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) await work()
}
