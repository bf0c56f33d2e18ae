import * as E from 'fp-ts/lib/Either.js'
import type { Json } from '@claimlog/codecs'
import type { NewTask } from '@claimlog/domain'
import type { LeftOutReport } from './left-out.ts'

/**
 * What a task may take of its line of 1 MiB in `events.jsonl`. The rest is for what the line says besides: seq, time,
 * hash, who imported it.
 */
const maxTaskBytes = 1024 * 1024 - 4096

/** `task` with as much of `payload` as its line has room for, the longest field left out first. Left: it has none at all. */
export const withinALine = (
  task: NewTask,
  payload: Readonly<Record<string, Json>>,
  place: string,
  report: LeftOutReport,
): E.Either<string, NewTask> => {
  const kept = new Map(Object.entries(payload))
  for (;;) {
    const whole = kept.size === 0 ? task : { ...task, payload: Object.fromEntries(kept) }
    if (bytesOf(whole) <= maxTaskBytes) return E.right(whole)
    const [longest] = [...kept].sort(([, a], [, b]) => bytesOf(b) - bytesOf(a))
    if (longest === undefined)
      return E.left(
        `${place}: its title, needs and tags are longer than the 1 MiB that a line of events.jsonl may have`,
      )
    report.leave('field', longest[0], 'it is longer than a line of events.jsonl may be', task.taskId ?? place)
    kept.delete(longest[0])
  }
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
