import { isMachineTrouble, machineTroubleWords, printable, printableLines } from '@claimlog/client/unstable-internals'
import { exitCodes, interrupted } from '@claimlog/wire'
import { isPrinted, jsonDocument, print, problemDocument, tell } from './output/output.ts'

/** Forgets settings that are empty: scripts write `CLAIMLOG_DIR= claimlog …` for one that is not set. */
export const forgetEmptySettings = (): void => {
  for (const name in process.env) if (name.startsWith('CLAIMLOG_') && process.env[name] === '') delete process.env[name]
}

/**
 * Left alone, Node would wait for the compiler's threads to come to the end of what nobody will run any more, which takes
 * longer than a short command.
 */
const endAtOnce = (): void => {
  if (isPrinted()) process.exit()
  process.once('beforeExit', () => process.exit())
}

/**
 * Waits for what the process is there to do, and for what was left for after the answer, and ends it. A defect is told of,
 * as is what the machine would not give, and ends it with exit code 1; Ctrl-C with 130.
 */
export const runToTheEnd = (work: Promise<void>): void => {
  process.on('SIGINT', () => {
    // `tail -f` ends by itself; anything else is over in a moment, or stands here waiting for a lock or for stdin.
    if (process.listenerCount('SIGINT') === 1) process.exit(interrupted)
  })
  let isAnswered = false
  const whole = work.then(() => {
    isAnswered = true
    return doWhatWasLeft()
  })
  const told = whole.catch((thrown: unknown) => {
    if (isMachineTrouble(thrown)) tellMachineTrouble(thrown, isAnswered)
    else tellDefect(thrown)
  })
  void told.then(endAtOnce)
}

/** Nothing that was left for after the answer changes what the command came to. */
const tellMachineTrouble = (thrown: NodeJS.ErrnoException, isAnswered: boolean): void => {
  if (isAnswered) return tell(`claimlog: ${printable(thrown.message)}\n  The command itself is done.\n`)
  print(problemDocument({ ...machineTroubleWords(thrown), exitCode: exitCodes.io_failed }))
  process.exitCode = exitCodes.io_failed
}

const tellDefect = (defect: unknown): void => {
  const message = defect instanceof Error ? defect.message : String(defect)
  const hint = 'this is a defect of claimlog; please report it with what stands on stderr'
  print(jsonDocument({ ok: false, error: 'internal', message, hint }))
  tell(`${printableLines(defect instanceof Error ? (defect.stack ?? message) : message)}\n`)
  process.exitCode = exitCodes.internal
}

/** What is to be done once the command has answered, and does not concern whoever asked. */
const waiting: Array<() => Promise<void>> = []

/** Has `work` done after the answer was printed, once however often it is asked for. */
export const afterTheAnswer = (work: () => Promise<void>): void => {
  if (!waiting.includes(work)) waiting.push(work)
}

/** Does what was left for after the answer, and what that leaves. */
const doWhatWasLeft = async (): Promise<void> => {
  for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) await work()
}
