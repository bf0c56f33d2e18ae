import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { WrongUsage } from '@claimlog/messages'
import { checkArguments } from './check-arguments.ts'
import type { MethodName } from './signatures.ts'

/** Adds a check of its arguments to a function, which is called only if they are right. */
export const checkedMethod =
  <Args extends ReadonlyArray<unknown>, L, A>(name: MethodName, method: (...args: Args) => TE.TaskEither<L, A>) =>
  (...args: Args): TE.TaskEither<L | WrongUsage, A> =>
  () => {
    const wrongUsage = checkArguments(name, args)
    // Not in an async function: every command runs through it, and another promise takes half a microsecond.
    return wrongUsage === undefined ? method(...args)() : Promise.resolve(E.left(wrongUsage))
  }

/** Adds checks of their arguments to methods. */
export const checkedMethods = <M extends object>(methods: M): M => {
  type UntypedMethod = (...args: ReadonlyArray<unknown>) => TE.TaskEither<never, unknown>
  const checked = Object.entries(methods as Readonly<Record<string, UntypedMethod>>).map(
    ([name, method]) => [name, checkedMethod(name as MethodName, method)] as const,
  )
  return Object.fromEntries(checked) as M
}
