import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { compareValue, findDifferences } from '@claimlog/checkpoint/difference'
import type { Event } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { checkpointStore, type CheckpointStoreOptions, currentState, type CurrentState } from '@claimlog/workspace'

/** The state from a fold of the whole log. */
export type FoldedLog = CurrentState

/** Folds the whole log, ignoring the checkpoint, and reports its progress. */
export const foldWholeLog =
  (log: EventLog<Event>, report: (seq: number) => void): TE.TaskEither<ReadFailure, FoldedLog> =>
  async () => {
    const fold = currentState()
    const end = await log.read(0, (events, addresses) => {
      fold.apply(events, addresses)
      report(fold.get().seq)
    })()
    return E.map(() => fold)(end)
  }

/** The result of comparing the checkpoint plus the later events with the fold of the whole log. */
export type CheckpointComparison =
  { readonly _tag: 'none' | 'the same' } | { readonly _tag: 'different'; readonly detail: string }

/** Compares the checkpoint with `fold`: tasks, every index, counts, rules, requests, and the offsets of events. */
export const compareWithCheckpoint =
  (options: CheckpointStoreOptions, fold: FoldedLog): TE.TaskEither<ReadFailure, CheckpointComparison> =>
  async () => {
    const { log } = options
    const snapshot = fold.snapshot({ seq: fold.get().seq, location: '' })
    const restored = currentState()
    try {
      await checkpointStore(options).restore(restored)
      // A checkpoint that was saved after the fold is from a longer log.
      if (restored.get().seq === 0 || restored.get().seq > fold.get().seq || snapshot === undefined)
        return E.right({ _tag: 'none' })
      const end = await log.read(restored.get().seq, (events, addresses) => {
        const newEvents = events.filter(event => event.seq <= fold.get().seq)
        restored.apply(newEvents, addresses)
      })()
      return pipe(
        end,
        E.map(() => firstItem(listDifferences(restored, fold, snapshot))),
        E.map(detail => (detail === undefined ? { _tag: 'the same' } : { _tag: 'different', detail })),
      )
    } catch (thrown) {
      // A checkpoint that cannot be read is damaged.
      return E.right({ _tag: 'different', detail: (thrown as Error).message })
    } finally {
      restored.close()
    }
  }

const firstItem = (details: Iterable<string>): string | undefined => {
  for (const detail of details) return detail
  return undefined
}

type FoldSnapshot = NonNullable<ReturnType<CurrentState['snapshot']>>

const listDifferences = function* (restored: CurrentState, fold: FoldedLog, snapshot: FoldSnapshot): Generator<string> {
  yield* findDifferences(restored.get(), fold.get(), snapshot.changes)
  for (const { taskId, offsets } of snapshot.offsets)
    yield* compareValue(`the offsets of the events of task ${taskId}`, restored.taskOffsets(taskId), offsets)
}
