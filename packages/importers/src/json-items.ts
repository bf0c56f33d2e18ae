import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainTooManyValues } from '@claimlog/workspace'
import { type TextLine, nonBlankLines } from './lines.ts'

/** A value and its position in the file: `line 3`, `issue 2`. */
export type JsonItem = { readonly position: string; readonly json: unknown }

/** Parses one JSON value per line and skips blank lines. Left: the first line that is not JSON. */
export const parseJsonLines = (text: string): E.Either<string, ReadonlyArray<JsonItem>> =>
  pipe(nonBlankLines(text), E.traverseArray(parseLine))

const parseLine = ({ number, text }: TextLine): E.Either<string, JsonItem> =>
  pipe(
    parseLenientJson(text),
    E.bimap(
      problem => `line ${number} ${problem}`,
      (json): JsonItem => ({ position: `line ${number}`, json }),
    ),
  )

/** Parses another tool's JSON without our strict rules (duplicate keys, large numbers): most of it is not imported. */
export const parseLenientJson = (text: string): E.Either<string, unknown> => {
  const tooMany = explainTooManyValues(text)
  if (tooMany !== undefined) return E.left(tooMany)
  try {
    return E.right(JSON.parse(text) as unknown)
  } catch (thrown) {
    return E.left(`is not JSON: ${(thrown as Error).message}`)
  }
}
