import type * as TE from 'fp-ts/lib/TaskEither.js'

/** Closes `resource` after `call` has finished, also if `call` throws. */
export const runAndClose =
  <L, A>(resource: { readonly close: () => void | Promise<void> }, call: TE.TaskEither<L, A>): TE.TaskEither<L, A> =>
  async () => {
    try {
      return await call()
    } finally {
      await resource.close()
    }
  }
