import type { Kind, WaitingCounts, UnknownKind, WaitingWork } from '@claimlog/domain'
import { pluralize } from './pluralize.ts'
import { shellQuote } from './shell-quote.ts'

/** Shortens a list of names for a sentence: the first and the last of many; the data has them all. */
export const abridge = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.length <= 12 ? names : [...names.slice(0, 8), `… ${names.length - 10} more …`, ...names.slice(-2)]

/** The requested kinds that are paused, or at their limit. */
export const closedKinds = (closed: WaitingCounts['closed'], { kinds }: WaitingWork): ReadonlyArray<Kind> =>
  kinds.filter(waiting => waiting.closed === closed).map(({ kind }) => kind)

/** Counts the tasks by what they wait for: `; 2 are claimed, 1 is blocked`. */
export const waitingSummary = (waiting: WaitingWork): string => {
  const sum = (count: 'claimed' | 'due' | 'blocked'): number =>
    waiting.kinds.reduce((total, kind) => total + kind[count], waiting.more?.[count] ?? 0)
  const [paused, full] = [closedKinds('paused', waiting), closedKinds('full', waiting)]
  const counts = [
    [sum('claimed'), 'claimed'],
    [sum('due'), 'not due yet'],
    [sum('blocked'), 'blocked'],
  ] as const
  const parts = counts.filter(([n]) => n > 0).map(([n, label]) => `${n} ${n === 1 ? 'is' : 'are'} ${label}`)
  return [
    parts.length === 0 ? '' : `; ${parts.join(', ')}`,
    paused.length === 0 ? '' : `; paused: ${abridge(paused).join(', ')}`,
    full.length === 0 ? '' : `; at the limit: ${abridge(full).join(', ')}`,
    waiting.more === undefined
      ? ''
      : `; ${pluralize(waiting.more.kinds, 'more kind')} ${waiting.more.kinds === 1 ? 'is' : 'are'} not listed`,
  ].join('')
}

/** A requested kind that is unknown and spelt almost like a known one. */
export const findMisspeltKind = ({ unknown = [] }: WaitingWork): UnknownKind | undefined =>
  unknown.find(({ nearest }) => nearest !== undefined)

/** The hint while there is nothing to claim. */
export const waitingHint = (waiting: WaitingWork): string => {
  const { nextAt, tasks } = waiting
  const misspelling = findMisspeltKind(waiting)
  if (misspelling !== undefined)
    return `there is no task of kind ${misspelling.kind}: did you mean ${misspelling.nearest}?`
  const [first] = tasks
  const whyHint = first === undefined ? '' : `claimlog why ${shellQuote(first.taskId)} shows what blocks it`
  if (nextAt !== undefined)
    return `the next task may be available at ${nextAt}; try again then${whyHint === '' ? '' : `; ${whyHint}`}`
  return whyHint === '' ? 'claimlog list shows the status of the tasks; claimlog add adds a new one' : whyHint
}
