import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainTooManyValues } from '@claimlog/workspace'
import { type Line, linesIn } from './lines.ts'

/** A value of a file, and where it stands: `line 3`, `issue 2`. */
export type PlacedJson = { readonly place: string; readonly json: unknown }

/** A JSON value a line; blank lines are passed over. Left: the first line that is none. */
export const jsonLines = (text: string): E.Either<string, ReadonlyArray<PlacedJson>> =>
  pipe(linesIn(text), E.traverseArray(placedJson))

const placedJson = ({ number, text }: Line): E.Either<string, PlacedJson> =>
  pipe(
    tolerantJson(text),
    E.bimap(
      problem => `line ${number} ${problem}`,
      json => ({ place: `line ${number}`, json }),
    ),
  )

/** JSON of another tool, as any program reads it: what we do not take over may be as it likes. */
export const tolerantJson = (text: string): E.Either<string, unknown> => {
  const tooMany = explainTooManyValues(text)
  if (tooMany !== undefined) return E.left(tooMany)
  try {
    return E.right(JSON.parse(text) as unknown)
  } catch (thrown) {
    return E.left(`is not JSON: ${(thrown as Error).message}`)
  }
}
