import { findSimilarName } from '@claimlog/domain'
import { type Check, type ArgumentProblem, invalid, type RequiredCheck } from './check.ts'

/** One check per field of `T`: a field that is required in the type must be required here. */
export type FieldChecks<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Check : RequiredCheck
}

/** An object with these fields and no others. A field that is undefined is absent. */
export const object = <T extends object>(checks: FieldChecks<T>): Check => {
  // Not an object: its prototype has fields, too.
  const fields = new Map<string, Check>(Object.entries<Check>(checks as Record<string, Check>))
  const entries = [...fields]
  const expected = 'an object'
  return {
    ...{ expected, isRequired: false, fields },
    findProblem: value => {
      if (!isPlainObject(value)) return invalid(expected, value)
      for (const name in value)
        if (!fields.has(name) && value[name] !== undefined)
          return { argument: name, problem: 'unknown', nearest: findField(name, fields.keys()) }
      // By name: a class may define an option as a getter, which the loop above does not see.
      for (const [name, check] of entries) {
        const problem = findProblem(check, value[name])
        if (problem !== undefined) return insidePath(name, problem)
      }
      return undefined
    },
  }
}

/** Checks an argument or field; undefined is absent. */
export const findProblem = (check: Check, value: unknown): ArgumentProblem | undefined => {
  if (value !== undefined) return check.findProblem(value)
  return check.isRequired ? { argument: '', problem: 'missing', expected: check.expected } : undefined
}

/** An array whose items have a check. */
export const array = (items: string, check: Check): Check => {
  const expected = `an array of ${items}`
  return {
    ...{ expected, isRequired: false },
    findProblem: value => {
      if (!Array.isArray(value)) return invalid(expected, value)
      for (let i = 0; i < value.length; i += 1) {
        const problem = check.findProblem(value[i])
        if (problem !== undefined) return insidePath(`[${i}]`, problem)
      }
      return undefined
    },
  }
}

/** A value that one of two checks accepts. */
export const either = (first: Check, second: Check): Check => {
  const expected = `${first.expected} or ${second.expected}`
  return {
    ...{ expected, isRequired: false },
    findProblem: value => {
      if (first.findProblem(value) === undefined) return undefined
      const problem = second.findProblem(value)
      return problem?.argument === '' ? invalid(expected, value) : problem
    },
  }
}

/** An object of which exactly one field is given. */
export const withOneField = (check: Check): Check => {
  const names = [...(check.fields?.keys() ?? [])]
  const expected = `an object with ${names.join(' or ')}`
  return {
    ...check,
    expected,
    findProblem: value => {
      const problem = check.findProblem(value)
      if (problem?.argument === '') return invalid(expected, value)
      if (problem !== undefined) return problem
      const given = names.filter(name => (value as Record<string, unknown>)[name] !== undefined)
      if (given.length === 1) return undefined
      return { ...invalid(expected, value), actual: given.length === 0 ? 'an empty object' : 'one with both' }
    },
  }
}

/** The path of a problem in the argument or field `name`. */
export const insidePath = (name: string, problem: ArgumentProblem): ArgumentProblem => ({
  ...problem,
  argument: joinPath(name, problem.argument),
  // A similar word is no path.
  nearest:
    problem.problem === 'unknown' && problem.nearest !== undefined ? joinPath(name, problem.nearest) : problem.nearest,
})

const joinPath = (name: string, path: string): string =>
  path === '' ? name : path.startsWith('[') ? `${name}${path}` : `${name}.${path}`

/** Names that the options have in other libraries, or had in this one. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ id: 'taskId', type: 'kind', data: 'payload', dependsOn: 'needs', attempts: 'maxAttempts', runAt: 'notBefore' },
  ...{ concurrency: 'slots', stopNow: 'signal', abortSignal: 'signal', name: 'worker', path: 'dir' },
}

/** Returns the field that `name` probably means; undefined if none is similar. */
const findField = (name: string, fields: Iterable<string>): string | undefined => {
  const names = [...fields]
  const otherName = Object.hasOwn(otherNames, name) ? otherNames[name] : undefined
  return otherName !== undefined && names.includes(otherName) ? otherName : findSimilarName(name, names)
}

/** Not a Date, a Map, a signal …, whose fields are hidden: they would count as an object without options. */
const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.prototype.toString.call(value) === '[object Object]')
