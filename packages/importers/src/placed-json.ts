import * as E from 'fp-ts/lib/Either.js'
import { explainTooManyValues } from '@claimlog/workspace'

/** A value of a file, and where it stands: `line 3`, `issue 2`. */
export type PlacedJson = { readonly place: string; readonly json: unknown }

/** A JSON value a line; blank lines are passed over. Left: the first line that is none. */
export const jsonLines = (text: string): E.Either<string, ReadonlyArray<PlacedJson>> => {
  const values: Array<PlacedJson> = []
  let number = 0
  for (const line of text.split('\n')) {
    number += 1
    if (line.trim() === '') continue
    const json = tolerantJson(line)
    if (E.isLeft(json)) return E.left(`line ${number} ${json.left}`)
    values.push({ place: `line ${number}`, json: json.right })
  }
  return E.right(values)
}

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
