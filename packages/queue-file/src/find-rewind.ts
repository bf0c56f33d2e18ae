import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec, type State } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'
import { queueFileOnDisk } from './queue-file-on-disk.ts'
import type { LogWentBack } from './queue-file-refresh.ts'

/** A log that `queue.json` has seen more of, or something else. */
export type Rewind = Pick<LogWentBack, 'seq' | 'seenSeq' | 'isOther'>

/**
 * Looks at `queue.json` in `dir` now and, once the log was read up to `end`, tells whether that was put back since the file
 * was written. Changes nothing.
 */
export const rewindFinder = (dir: string): ((end: State) => Promise<Rewind | undefined>) => {
  const file = queueFileOnDisk(dir)
  const { lastSeen } = file.inspect()
  const { seq: named = 0 } = file.read()
  return async ({ seq, workspace }) => {
    const held = lastSeen === undefined ? undefined : await isHeld(dir, lastSeen)
    // After line 1 there was nothing that could be missed.
    if (held === true || (lastSeen?.seq ?? named) <= 1) return undefined
    if (held === false && lastSeen !== undefined)
      return {
        seq,
        seenSeq: lastSeen.seq,
        isOther: lastSeen.workspace !== undefined && lastSeen.workspace !== workspace?.id,
      }
    return named > seq ? { seq, seenSeq: named, isOther: false } : undefined
  }
}

/** undefined: the log cannot be asked. */
const isHeld = async (
  dir: string,
  bookmark: { readonly seq: number; readonly at: string },
): Promise<boolean | undefined> => {
  const log = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (E.isLeft(log)) return undefined
  const held = await log.right.holds(bookmark)()
  await log.right.close()
  return E.isRight(held) ? held.right : undefined
}
