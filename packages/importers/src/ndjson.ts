import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainErrors, type Json } from '@claimlog/codecs'
import { NewTask } from '@claimlog/domain'
import { parseJson } from '@claimlog/workspace'
import { type TextLine, nonBlankLines } from './lines.ts'

/** A task takes at most 1 MiB in the log; the rest allows for white space and escapes. */
const lineLengthMax = 16 * 1024 * 1024

/** A batch is one decision, which is kept in memory: a million tasks take 1.7 GB. */
const tasksMax = 1_000_000

/**
 * Reads new tasks from NDJSON: each line has the fields of the event `added`. Skips blank lines. Left: the first error.
 */
export const readNdjson = (text: string): E.Either<string, ReadonlyArray<NewTask>> =>
  pipe(nonBlankLines(stripBom(text)), E.traverseArrayWithIndex(readTask))

const readTask = (index: number, { number, text }: TextLine): E.Either<string, NewTask> => {
  if (text.length > lineLengthMax) return E.left(`line ${number} is longer than 16 MiB; a task is at most 1 MiB`)
  if (index === tasksMax)
    return E.left(`it has more than ${tasksMax.toLocaleString('en-US')} tasks; split them into smaller batches`)
  return pipe(
    parseJson(text),
    E.mapLeft(problem => `line ${number} ${problem}`),
    E.chain(json => decodeTask(number, json)),
  )
}

const decodeTask = (number: number, json: Json): E.Either<string, NewTask> =>
  pipe(
    NewTask.decode(json),
    E.mapLeft(errors => `line ${number}: the task ${explainErrors(errors)}`),
  )

/** Removes a byte order mark, which some editors and shells write. */
export const stripBom = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text)
