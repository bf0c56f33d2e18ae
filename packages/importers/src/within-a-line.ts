import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '@claimlog/domain'
import type { LeftOutReport } from './left-out.ts'

/**
 * The part of a line of `events.jsonl` (1 MiB) that a task may take. The rest is for the other fields of the line: seq,
 * time, hash, author.
 */
const maxTaskBytes = 1024 * 1024 - 4096

/**
 * Adds the payload to a task; drops the longest fields until the line fits. Left: it does not fit without a payload.
 */
export const withinALine = (
  task: NewTask,
  payload: Readonly<Record<string, Json>>,
  place: string,
  report: LeftOutReport,
): E.Either<string, NewTask> => {
  const kept = new Map(Object.entries(payload))
  for (;;) {
    const whole = kept.size === 0 ? task : { ...task, payload: Object.fromEntries(kept) }
    if (jsonBytes(whole) <= maxTaskBytes) return E.right(whole)
    const [longest] = [...kept].sort(([, a], [, b]) => jsonBytes(b) - jsonBytes(a))
    if (longest === undefined)
      return E.left(`${place}: its title, dependencies and tags exceed the 1 MiB of a line of events.jsonl`)
    report.leave('field', longest[0], 'it does not fit in a line of events.jsonl', task.taskId ?? place)
    kept.delete(longest[0])
  }
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
