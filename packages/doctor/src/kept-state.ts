import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { compareValue, findDifferences } from '@claimlog/checkpoint/difference'
import type { Event } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { checkpointStore, type CheckpointStoreOptions, currentState, type CurrentState } from '@claimlog/workspace'

/** The state from a fold of the whole log. */
export type Folded = CurrentState

/** Folds the whole log, ignoring the checkpoint, and reports its progress. */
export const foldWhole =
  (log: EventLog<Event>, report: (seq: number) => void): TE.TaskEither<ReadFailure, Folded> =>
  async () => {
    const folded = currentState()
    const end = await log.read(0, (events, addresses) => {
      folded.apply(events, addresses)
      report(folded.get().seq)
    })()
    return E.map(() => folded)(end)
  }

/** The result of comparing the checkpoint plus the later events with the fold of the whole log. */
export type Comparison =
  { readonly kept: 'none' } | { readonly kept: 'the same' } | { readonly kept: 'other'; readonly detail: string }

/** Compares the checkpoint with `fold`: tasks, every index, counts, rules, requests, and the offsets of events. */
export const compareKept =
  (options: CheckpointStoreOptions, folded: Folded): TE.TaskEither<ReadFailure, Comparison> =>
  async () => {
    const { log } = options
    const saying = folded.snapshot({ seq: folded.get().seq, location: '' })
    const kept = currentState()
    try {
      await checkpointStore(options).restore(kept)
      // A checkpoint that was saved after the fold is from a longer log.
      if (kept.get().seq === 0 || kept.get().seq > folded.get().seq || saying === undefined)
        return E.right({ kept: 'none' })
      const end = await log.read(kept.get().seq, (events, addresses) => {
        const until = events.filter(event => event.seq <= folded.get().seq)
        kept.apply(until, addresses)
      })()
      return pipe(
        end,
        E.map(() => firstOf(differences(kept, folded, saying))),
        E.map(detail => (detail === undefined ? { kept: 'the same' } : { kept: 'other', detail })),
      )
    } catch (thrown) {
      // A checkpoint that cannot be read is damaged.
      return E.right({ kept: 'other', detail: (thrown as Error).message })
    } finally {
      kept.close()
    }
  }

const firstOf = (details: Iterable<string>): string | undefined => {
  for (const detail of details) return detail
  return undefined
}

type Saying = NonNullable<ReturnType<CurrentState['snapshot']>>

const differences = function* (kept: CurrentState, folded: Folded, saying: Saying): Generator<string> {
  yield* findDifferences(kept.get(), folded.get(), saying.changes)
  for (const { taskId, offsets } of saying.offsets)
    yield* compareValue(`the offsets of the events of task ${taskId}`, kept.taskOffsets(taskId), offsets)
}
