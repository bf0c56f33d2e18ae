import * as E from 'fp-ts/lib/Either.js'

/** Applies `edits` to `start` in order. Stops at the first left and returns it. */
export const foldEither = <L, A>(edits: ReadonlyArray<(before: A) => E.Either<L, A>>, start: A): E.Either<L, A> =>
  edits.reduce<E.Either<L, A>>((before, edit) => E.chain(edit)(before), E.right(start))
