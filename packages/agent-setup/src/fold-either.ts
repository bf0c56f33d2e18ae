import * as E from 'fp-ts/lib/Either.js'

/** What `edits` make of `start`, one after another; left: what the first says that cannot be made, and none after it is tried. */
export const foldEither = <L, A>(edits: ReadonlyArray<(before: A) => E.Either<L, A>>, start: A): E.Either<L, A> =>
  edits.reduce<E.Either<L, A>>((before, edit) => E.chain(edit)(before), E.right(start))
