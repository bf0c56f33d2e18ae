import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { emptyState, type Event } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import { checkpointing } from './checkpointing.ts'
import type { CurrentState } from './current-state.ts'

const chunk = 10_000

/** A log of `count` events, read in chunks. The content of the events does not matter here. */
const logOf = (count: number): Pick<EventLog<Event>, 'read'> => ({
  read: (after, take, isEnough) => async () => {
    for (let seq = after; seq < count && isEnough?.() !== true; seq += chunk) {
      const events = Array.from({ length: Math.min(chunk, count - seq) }, (_, i) => ({ seq: seq + i + 1 }) as Event)
      take(
        events,
        events.map(event => event.seq),
      )
    }
    return E.right(count)
  },
})

/** A state that only counts. `mostTail`: the most events it ever had in memory. */
const countingState = (): CurrentState & { readonly save: () => void; readonly mostTail: () => number } => {
  let [seq, savedSeq, mostTail] = [0, 0, 0]
  const unused = (): never => {
    throw new Error('not used here')
  }
  return {
    get: () => ({ ...emptyState(), seq }),
    take: events => {
      seq = events.at(-1)?.seq ?? seq
      mostTail = Math.max(mostTail, seq - savedSeq)
    },
    tailLength: () => seq - savedSeq,
    save: () => {
      savedSeq = seq
    },
    mostTail: () => mostTail,
    isDamaged: () => false,
    tailSize: unused,
    changedSince: unused,
    addressesOf: unused,
    layOver: unused,
    forget: unused,
    saving: unused,
    close: unused,
  }
}

/** A checkpoint store whose first `failedSaves` saves fail because another process is saving. */
const keeperBeside = (busy: number, state: ReturnType<typeof countingState>): CheckpointKeeper => {
  let tries = 0
  return {
    open: async () => undefined,
    save: async () => {
      tries += 1
      if (tries <= busy) return false
      state.save()
      return true
    },
    isOvertaken: () => false,
    whileReading: work => work(() => undefined),
  }
}

describe('a long log that is read for the first time', () => {
  it.each([
    ['no other process reads it', 0, 50_000],
    ['another process that reads it has the lock once', 1, 100_000],
    ['another process has it three times', 3, 200_000],
  ])('is saved every 50,000 events if %s', async (_, busy, mostTail) => {
    const state = countingState()
    const log = logOf(1_000_000) as EventLog<Event>
    expect(await checkpointing(log, state, keeperBeside(busy, state)).start()).toBeUndefined()
    expect(state.get().seq).toBe(1_000_000)
    expect(state.mostTail()).toBe(mostTail)
  })
})
