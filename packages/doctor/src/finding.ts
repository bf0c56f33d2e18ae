import type { CheckResult } from '@claimlog/wire'

/** The result of a check: a sentence, a hint (`mend`) if something is wrong, and the details as data. */
export type Finding = Omit<CheckResult, 'name'>

/** One of several problems that a check can find. */
export type Issue = { readonly state: 'warning' | 'wrong'; readonly message: string; readonly mend: string }

/** Builds the finding of a check that was skipped. */
export const skippedCheck = (reason: string): Finding => ({ state: 'skipped', message: `not checked: ${reason}` })

/** Combines problems into one finding with the state of the worst; `okMessage` is the message if there are none. */
export const combineIssues = (okMessage: string, issues: ReadonlyArray<Issue>): Finding => {
  if (issues.length === 0) return { state: 'ok', message: okMessage }
  return {
    state: issues.some(({ state }) => state === 'wrong') ? 'wrong' : 'warning',
    message: issues.map(({ message }) => message).join('; '),
    mend: issues.map(({ mend }) => mend).join('; '),
  }
}

/** The name of a line. In a database, lines have no offsets. */
export const describeLine = (line: number, offset: number | undefined): string =>
  offset === undefined ? `line ${line}` : `line ${line}, at byte ${offset}`

/** The name of a line as the subject of a sentence. */
export const lineAsSubject = (line: number, offset: number | undefined): string =>
  `${describeLine(line, offset)}${offset === undefined ? '' : ','}`
