import { toPrintable, truncateText } from '@claimlog/domain'
import type { ErrorMessage } from './error-message.ts'

/** A function or method of the library was called with wrong arguments. Nothing was changed. */
export type WrongUsage = {
  readonly failure: 'WrongUsage'
  /** The name of the function or method. */
  readonly method: string
  /** The path of the wrong argument: `kinds`, `claimNext.kinds[0]`, `tasks[2].leaseMs`. */
  readonly argument: string
  /**
   * `unknown`: there is no such argument. `missing`: it is required. `invalid`: its value has the wrong type.
   * `surplus`: there are too many arguments. `unreadable`: reading it threw an error.
   */
  readonly problem: 'unknown' | 'missing' | 'invalid' | 'surplus' | 'unreadable'
  /** The allowed values: `a string`. */
  readonly expected?: string
  /** The value that was given instead: `a number`. */
  readonly actual?: string
  /** The known argument or value with the most similar name. */
  readonly nearest?: string
  /** The call with all its arguments: `open({ dir?, worker? })`. */
  readonly signature: string
}

/** Describes a wrong call. */
export const wrongUsageMessage = (usage: WrongUsage): ErrorMessage => {
  const { method, argument, nearest, signature } = usage
  return {
    error: 'usage',
    message: toPrintable(explainProblem(usage)) + (nearest === undefined ? '' : `; did you mean \`${nearest}\`?`),
    hint: `nothing was changed; the call is ${signature}`,
    data: { method, argument, nearest },
  }
}

const explainProblem = ({ method, argument, problem, expected = '', actual = '' }: WrongUsage): string => {
  const name = `\`${truncateText(argument, argumentLengthMax)}\``
  switch (problem) {
    case 'unknown':
      return `${method} has no option ${name}`
    case 'missing':
      return `${method} requires ${name}, ${expected}`
    case 'invalid':
      return `${method}: ${name} must be ${expected}, not ${actual}`
    case 'surplus':
      return `${method} has ${expected}, not ${actual}`
    case 'unreadable':
      return `${method}: the arguments could not be read: ${actual}`
  }
}

const argumentLengthMax = 100
