import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { emptyState, type Event } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import type { CheckpointStore } from './checkpoint-store.ts'
import { checkpointPolicy } from './checkpoint-policy.ts'
import type { CurrentState } from './current-state.ts'

const chunk = 10_000

/** A log of `count` events, read in chunks. The content of the events does not matter here. */
const makeLog = (count: number): Pick<EventLog<Event>, 'read'> => ({
  read: (after, onEvents, shouldStop) => async () => {
    for (let seq = after; seq < count && shouldStop?.() !== true; seq += chunk) {
      const events = Array.from({ length: Math.min(chunk, count - seq) }, (_, i) => ({ seq: seq + i + 1 }) as Event)
      onEvents(
        events,
        events.map(event => event.seq),
      )
    }
    return E.right(count)
  },
})

/** A state that only counts. `tailMax`: the most events it ever had in memory. */
const countingState = (): CurrentState & { readonly save: () => void; readonly tailMax: () => number } => {
  let [seq, savedSeq, tailMax] = [0, 0, 0]
  const unused = (): never => {
    throw new Error('not used here')
  }
  return {
    get: () => ({ ...emptyState(), seq }),
    apply: events => {
      seq = events.at(-1)?.seq ?? seq
      tailMax = Math.max(tailMax, seq - savedSeq)
    },
    applyProvisionally: unused,
    tailLength: () => seq - savedSeq,
    save: () => {
      savedSeq = seq
    },
    tailMax: () => tailMax,
    isDamaged: () => false,
    tailSize: unused,
    changedTasks: unused,
    taskOffsets: unused,
    rebase: unused,
    reset: unused,
    snapshot: unused,
    close: unused,
  }
}

/** A checkpoint store whose first `failedSaves` saves fail because another process is saving. */
const contendedStore = (failedSaves: number, state: ReturnType<typeof countingState>): CheckpointStore => {
  let tries = 0
  return {
    restore: async () => undefined,
    save: async () => {
      tries += 1
      if (tries <= failedSaves) return false
      state.save()
      return true
    },
    isSuperseded: () => false,
    withProgress: work => work(() => undefined),
  }
}

describe('a long log that is read for the first time', () => {
  it.each([
    ['no other process reads it', 0, 50_000],
    ['another process that reads it has the lock once', 1, 100_000],
    ['another process has it three times', 3, 200_000],
  ])('is saved every 50,000 events if %s', async (_, failedSaves, tailMax) => {
    const state = countingState()
    const log = makeLog(1_000_000) as EventLog<Event>
    expect(await checkpointPolicy(log, state, contendedStore(failedSaves, state)).load()).toBeUndefined()
    expect(state.get().seq).toBe(1_000_000)
    expect(state.tailMax()).toBe(tailMax)
  })
})
