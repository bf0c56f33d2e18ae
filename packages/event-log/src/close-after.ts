import type * as TE from 'fp-ts/lib/TaskEither.js'

/** Closes what was opened once `call` has answered, even if that has a defect. */
export const closeAfter =
  <L, A>(opened: { readonly close: () => void | Promise<void> }, call: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    try {
      return await call()
    } finally {
      await opened.close()
    }
  }
