import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainTooManyValues } from '@claimlog/workspace'
import { type Line, linesIn } from './lines.ts'

/** A value and its position in the file: `line 3`, `issue 2`. */
export type PlacedJson = { readonly place: string; readonly json: unknown }

/** Parses one JSON value per line and skips blank lines. Left: the first line that is not JSON. */
export const jsonLines = (text: string): E.Either<string, ReadonlyArray<PlacedJson>> =>
  pipe(linesIn(text), E.traverseArray(placedJson))

const placedJson = ({ number, text }: Line): E.Either<string, PlacedJson> =>
  pipe(
    tolerantJson(text),
    E.bimap(
      problem => `line ${number} ${problem}`,
      (json): PlacedJson => ({ place: `line ${number}`, json }),
    ),
  )

/** Parses another tool's JSON without our strict rules (duplicate keys, large numbers): most of it is not imported. */
export const tolerantJson = (text: string): E.Either<string, unknown> => {
  const tooMany = explainTooManyValues(text)
  if (tooMany !== undefined) return E.left(tooMany)
  try {
    return E.right(JSON.parse(text) as unknown)
  } catch (thrown) {
    return E.left(`is not JSON: ${(thrown as Error).message}`)
  }
}
