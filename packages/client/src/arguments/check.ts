import { findSimilarName, Time, truncateText } from '@claimlog/domain'
import type { WrongUsage } from '@claimlog/messages'

/** The problem of a value; `argument` is the path inside the value, empty for the value itself. */
export type ArgumentProblem = Pick<WrongUsage, 'argument' | 'problem' | 'expected' | 'actual' | 'nearest'>

/**
 * A check of the shape of a value. The rules check the values themselves: that a name has no spaces, a priority is at
 * most 9, a payload is JSON.
 */
export type Check = {
  /** The allowed values, as the end of "must be …". */
  readonly expected: string
  readonly findProblem: (value: unknown) => ArgumentProblem | undefined
  /** True if the argument or field must be given. */
  readonly isRequired: boolean
  /** The fields of an object with their checks. */
  readonly fields?: ReadonlyMap<string, Check>
}

/** A check of an argument or field that must be given. */
export type RequiredCheck = Check & { readonly isRequired: true }

/** The same check for an argument or field that must be given. */
export const required = (check: Check): RequiredCheck => ({ ...check, isRequired: true })

/** The problem of a value that is none of the allowed ones. */
export const invalid = (expected: string, value: unknown): ArgumentProblem => ({
  ...{ argument: '', problem: 'invalid', expected, actual: describeValue(value) },
})

const check = (expected: string, isAllowed: (value: unknown) => boolean): Check => ({
  expected,
  isRequired: false,
  findProblem: value => (isAllowed(value) ? undefined : invalid(expected, value)),
})

export const string = check('a string', value => typeof value === 'string')

export const boolean = check('true or false', value => typeof value === 'boolean')

export const callback = check('a function', value => typeof value === 'function')

/** Any value: the rules refuse those that are not JSON. */
export const json = check('a JSON value', () => true)

export const any = check('any value', () => true)

const isWhole = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

/** A number of things, a priority or a seq. */
export const wholeNumber = check('a whole number', isWhole)

export const count = check('a whole number from 1', value => isWhole(value) && value !== 0)

/** A length of time, in milliseconds. */
export const milliseconds = check('a whole number of milliseconds', isWhole)

export const millisecondsOrNull = check(
  'a whole number of milliseconds, or null',
  value => value === null || isWhole(value),
)

export const wholeNumberOrNull = check('a whole number, or null', value => value === null || isWhole(value))

/** The time that a call waits. */
export const wait = check('true or a whole number of milliseconds', value => value === true || isWhole(value))

/** A time in the history of the log: they are compared as strings, so any other notation would be misread. */
export const time = check('a time like 2025-01-01T12:00:00.000Z', Time.is)

/** Not `instanceof`: a signal may come from another realm. */
export const abortSignal = check('an AbortSignal', value => {
  const signal = value as AbortSignal | null
  return typeof signal === 'object' && typeof signal?.aborted === 'boolean' && 'addEventListener' in signal
})

/** One of some words. */
export const enumeration = (words: ReadonlyArray<string>): Check => {
  const expected = words.join(', ')
  return {
    expected: `one of ${expected}`,
    isRequired: false,
    findProblem: value => {
      if (words.includes(value as string)) return undefined
      if (typeof value !== 'string') return invalid(`one of ${expected}`, value)
      const actual = JSON.stringify(truncateText(value, shownLengthMax))
      return { ...invalid(`one of ${expected}`, value), actual, nearest: findSimilarName(value, words) }
    },
  }
}

const shownLengthMax = 40

/** Describes a value by its type, and a number, which may have the right type, by itself. */
const describeValue = (value: unknown): string => {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number')
    return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  const { constructor } = value as { readonly constructor?: unknown }
  const name = typeof constructor === 'function' ? constructor.name : ''
  if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object'
  return `${/^[AEIO]/i.test(name) ? 'an' : 'a'} ${truncateText(name, shownLengthMax)}`
}
