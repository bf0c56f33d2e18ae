import { type WrongUsage, pluralize } from '@claimlog/messages'
import type { ArgumentProblem } from './check.ts'
import { findProblem, insidePath } from './composite-check.ts'
import { type MethodName, type Signature, signatures } from './signatures.ts'

/**
 * Checks the arguments of a call, before anything is read or written; undefined: they are right. For right arguments
 * it creates no object, as it runs in every call.
 */
export const checkArguments = (method: MethodName, args: ReadonlyArray<unknown>): WrongUsage | undefined =>
  checkCall(method, signatures[method], args)

/** Checks the arguments of a function or a class that is no method of a queue. */
export const checkCall = (
  method: string,
  signature: Signature,
  args: ReadonlyArray<unknown>,
): WrongUsage | undefined => {
  const problem = findWrongArgument(signature, args) ?? findSurplus(signature, args)
  if (problem === undefined) return undefined
  return { failure: 'WrongUsage', method, ...problem, signature: formatCall(method, signature) }
}

const findWrongArgument = (signature: Signature, args: ReadonlyArray<unknown>): ArgumentProblem | undefined => {
  for (let i = 0; i < signature.length; i += 1) {
    const { name, check } = signature[i] as Signature[number]
    try {
      const problem = findProblem(check, args[i])
      if (problem !== undefined) return locate(signature, name, problem)
    } catch (thrown) {
      // A getter or a proxy.
      const actual = thrown instanceof Error ? thrown.message : 'it threw no error'
      return { argument: name, problem: 'unreadable', actual }
    }
  }
  return undefined
}

/** Arguments that would be ignored. An argument that is undefined is absent. */
const findSurplus = (signature: Signature, args: ReadonlyArray<unknown>): ArgumentProblem | undefined => {
  for (let i = signature.length; i < args.length; i += 1)
    if (args[i] !== undefined)
      return {
        argument: `arguments[${i}]`,
        problem: 'surplus',
        expected: pluralize(signature.length, 'argument'),
        actual: String(args.length),
      }
  return undefined
}

/** Adds the argument's name to the path of a problem, except to that of an option. */
const locate = (signature: Signature, name: string, problem: ArgumentProblem): ArgumentProblem => {
  const located = name === 'options' && problem.argument !== '' ? problem : insidePath(name, problem)
  const nearest = problem.problem === 'unknown' ? findElsewhere(signature, name, problem.argument) : undefined
  return nearest === undefined ? located : { ...located, nearest }
}

/** Finds a field of the argument `name` in the other arguments: `delayMs` is an option of add, and no field of a task. */
const findElsewhere = (signature: Signature, name: string, field: string): string | undefined => {
  for (const { name: other, check } of signature) {
    if (other === name) continue
    if (other === field) return other
    if (check.fields?.has(field) === true) return `${other}.${field}`
  }
  return undefined
}

/** The text before the name in a call of a function that is no method of a queue. */
const callPrefixes: Readonly<Record<string, string>> = { open: '', init: '', importFile: '', FailTask: 'new ' }

const formatCall = (method: string, signature: Signature): string => {
  const args = signature.map(({ name, check }) => {
    const fields = [...(check.fields ?? [])].map(([field, { isRequired }]) => (isRequired ? field : `${field}?`))
    return fields.length > 0 ? `{ ${fields.join(', ')} }` : check.isRequired ? name : `${name}?`
  })
  return `${callPrefixes[method] ?? 'queue.'}${method}(${args.join(', ')})`
}
