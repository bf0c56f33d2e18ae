import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import * as small from './task-either.ts'

/** The same pipeline, built from the functions of `functions`. */
const pipeline = (functions: typeof small, start: TE.TaskEither<string, number>, errors: Array<string>) =>
  pipe(
    start,
    functions.map(n => n + 1),
    functions.chainW(n => (n > 10 ? functions.left({ tooLarge: n }) : functions.fromEither(E.right(n)))),
    functions.chainW(n => functions.right(n * 2)),
    functions.chainFirstW(n => (n > 15 ? functions.left({ tooLarge: n }) : functions.right('not answered'))),
    functions.mapLeft(reason => ({ reason })),
    functions.tapError(error => {
      errors.push(JSON.stringify(error))
      return functions.right(undefined)
    }),
  )

describe('the small TaskEither', () => {
  const library = TE as unknown as typeof small
  for (const [title, start] of [
    ['a value', TE.right(1)],
    ['an error', TE.left('none')],
    ['a value that a step refuses', TE.right(10)],
    ['a value that a check refuses', TE.right(8)],
  ] as const)
    it(`returns for ${title} what fp-ts returns`, async () => {
      const [smallErrors, libraryErrors]: [Array<string>, Array<string>] = [[], []]
      expect(await pipeline(small, start, smallErrors)()).toEqual(await pipeline(library, start, libraryErrors)())
      expect(smallErrors).toEqual(libraryErrors)
    })

  it('uses the names of fp-ts', () => {
    for (const name of Object.keys(small)) expect(TE).toHaveProperty(name)
  })
})
