import type * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'

/**
 * The few functions of fp-ts/TaskEither that the workers' commands use. The build replaces fp-ts/TaskEither with this module
 * in their bundle: loading the original takes longer than running such a command.
 */

type Unknown = TaskEither.TaskEither<unknown, unknown>

const isRight = <E, A>(either: Either.Either<E, A>): either is Either.Right<A> => either._tag === 'Right'

export const right: typeof TaskEither.right = value => async () => ({ _tag: 'Right', right: value })

export const left: typeof TaskEither.left = error => async () => ({ _tag: 'Left', left: error })

export const fromEither: typeof TaskEither.fromEither = either => async () => either

export const map: typeof TaskEither.map = change => task => async () => {
  const either = await task()
  return isRight(either) ? { _tag: 'Right', right: change(either.right) } : either
}

export const mapLeft: typeof TaskEither.mapLeft = change => task => async () => {
  const either = await task()
  return isRight(either) ? either : { _tag: 'Left', left: change(either.left) }
}

export const chainW = ((next: (value: unknown) => Unknown) => (task: Unknown) => async () => {
  const either = await task()
  return isRight(either) ? next(either.right)() : either
}) as typeof TaskEither.chainW

export const chainFirstW = ((next: (value: unknown) => Unknown) => (task: Unknown) => async () => {
  const either = await task()
  if (!isRight(either)) return either
  const result = await next(either.right)()
  return isRight(result) ? either : result
}) as typeof TaskEither.chainFirstW

export const tapError = ((onError: (error: unknown) => Unknown) => (task: Unknown) => async () => {
  const either = await task()
  if (isRight(either)) return either
  const result = await onError(either.left)()
  return isRight(result) ? either : result
}) as typeof TaskEither.tapError
