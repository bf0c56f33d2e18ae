import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { describe, expect, it } from 'vitest'
import * as small from './task-either.ts'

/** The same pipeline, built from the functions of `made`. */
const pipeline = (made: typeof small, start: TE.TaskEither<string, number>, told: Array<string>) =>
  pipe(
    start,
    made.map(n => n + 1),
    made.chainW(n => (n > 10 ? made.left({ tooLarge: n }) : made.fromEither(E.right(n)))),
    made.chainW(n => made.right(n * 2)),
    made.chainFirstW(n => (n > 15 ? made.left({ tooLarge: n }) : made.right('not answered'))),
    made.tapError(error => {
      told.push(JSON.stringify(error))
      return made.right(undefined)
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
      const [ours, theirs]: [Array<string>, Array<string>] = [[], []]
      expect(await pipeline(small, start, ours)()).toEqual(await pipeline(library, start, theirs)())
      expect(ours).toEqual(theirs)
    })

  it('uses the names of fp-ts', () => {
    for (const name of Object.keys(small)) expect(TE).toHaveProperty(name)
  })
})
