import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '@claimlog/domain'
import type { ImportWarnings } from './import-warnings.ts'

/**
 * The part of a line of `events.jsonl` (1 MiB) that a task may take. The rest is for the other fields of the line: seq,
 * time, hash, author.
 */
const taskBytesMax = 1024 * 1024 - 4096

/**
 * Adds the payload to a task; drops the longest fields until the line fits. Left: it does not fit without a payload.
 */
export const trimToLine = (
  task: NewTask,
  payload: Readonly<Record<string, Json>>,
  position: string,
  warnings: ImportWarnings,
): E.Either<string, NewTask> => {
  const fields = new Map(Object.entries(payload))
  for (;;) {
    const candidate = fields.size === 0 ? task : { ...task, payload: Object.fromEntries(fields) }
    if (jsonBytes(candidate) <= taskBytesMax) return E.right(candidate)
    const [longest] = [...fields].sort(([, a], [, b]) => jsonBytes(b) - jsonBytes(a))
    if (longest === undefined)
      return E.left(`${position}: its title, dependencies and tags exceed the 1 MiB of a line of events.jsonl`)
    warnings.add('field', longest[0], 'it does not fit in a line of events.jsonl', task.taskId ?? position)
    fields.delete(longest[0])
  }
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
