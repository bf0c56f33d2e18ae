import * as E from 'fp-ts/lib/Either.js'
import type { Event } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { CurrentState } from './current-state.ts'

/**
 * While a long log is read for the first time, the state is put away so often: it need not fit into memory. With 100,000 a
 * million tasks took 680 MiB, with 50,000 it is 410, in the same time.
 */
const eventsInMemory = 50_000

/**
 * Brings `current` to the end of the log for the first time, or anew where it is damaged: on from the checkpoint that can be
 * trusted, or from the first line. undefined: it is there.
 */
export const start = async (
  log: EventLog<Event>,
  current: CurrentState,
  checkpoint: CheckpointKeeper | undefined,
): Promise<ReadFailure | undefined> => {
  if (checkpoint === undefined) return readOn(log, current)
  if (current.isDamaged()) current.forget()
  await checkpoint.open(current)
  return checkpoint.whileReading(async report => {
    let canSave = true
    const isFull = (): boolean => canSave && current.tailLength() >= eventsInMemory
    for (;;) {
      const failed = await readOn(log, current, report, isFull)
      if (failed !== undefined || !isFull()) return failed
      if (await checkpoint.save(current)) continue
      // Somebody else has come as far: then theirs is as good, and where nobody has, it must be done without.
      if (checkpoint.isOvertaken()) await checkpoint.open(current)
      else canSave = false
    }
  })
}

/** Brings `current` from where it is to where the log ends now, or until it `isEnough`; undefined: it is there. */
export const readOn = async (
  log: EventLog<Event>,
  current: CurrentState,
  report?: (seq: number) => void,
  isEnough?: () => boolean,
): Promise<ReadFailure | undefined> => {
  const end = await log.readAfter(
    current.get().seq,
    (events, addresses) => {
      // A command may have brought the state further meanwhile.
      const known = events.findIndex(event => event.seq > current.get().seq)
      if (known >= 0) current.take(events.slice(known), addresses.slice(known))
      report?.(current.get().seq)
    },
    isEnough,
  )()
  return E.isLeft(end) ? end.left : undefined
}
