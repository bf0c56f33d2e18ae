import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event } from '@claimlog/domain'
import type { EventLog, Fold, ReadFailure } from '@claimlog/event-log'
import type { CheckpointStore } from './checkpoint-store.ts'
import type { CurrentState } from './current-state.ts'

/** Decides when the state is loaded and when it is saved. */
export type CheckpointPolicy = {
  /** True if the state was loaded before the first command, and no damage was found under it since. */
  readonly isLoaded: () => boolean
  /** Loads the state before the first command; undefined: it is loaded, now or already. */
  readonly load: () => Promise<ReadFailure | undefined>
  /** Brings the state to the current end of the log. */
  readonly catchUp: () => Promise<ReadFailure | undefined>
  /**
   * Receives the events of the log's transactions while the state is loaded. If part of the checkpoint under it turns
   * out to be damaged, the state counts as not loaded, and these events are read again.
   */
  readonly fold: Fold<Event>
  /**
   * Runs `write`, and again on a reloaded state if the checkpoint under it turns out to be damaged. undefined: there is
   * nothing to wait for.
   */
  readonly retryAfterReload: (write: () => Promise<void> | undefined) => Promise<void> | undefined
  /** Marks the start of a command; call `end` after it. The checkpoint is maintained once no command is running. */
  readonly begin: () => void
  readonly end: () => void
  /** Saves the state if the next process would have much to read. No command may be running. */
  readonly close: () => Promise<void>
}

/** Reading a shorter log is faster than opening a checkpoint. */
const smallLogEvents = 500
/** The longest tail that a process leaves for the next one to read: a save costs as much as reading this many lines. */
const saveOnCloseTail = 64
/** A few events cost as much if they are long, or if one changed thousands of tasks whose leases had expired. */
const saveOnCloseBytes = 1024 * 1024
const saveOnCloseTasks = 1000
/** A long-lived process has its state in memory: it saves when it is idle. */
const saveWhenIdleTail = 10_000
/** A tail this long is dropped even while busy, although reloading the state delays the commands. */
const reloadTail = 500_000
const idleMs = 1000

/** True if the next process would have much to read or to recompute. */
const isWorthSaving = (current: CurrentState): boolean => {
  const { tasks, span } = current.tailSize()
  if (span > saveOnCloseBytes) return true
  return current.get().seq > smallLogEvents && (current.tailLength() > saveOnCloseTail || tasks > saveOnCloseTasks)
}

/** Loads the state, and again if the checkpoint that it started from turns out to be damaged. */
const loadWithRetry = async (
  log: EventLog<Event>,
  current: CurrentState,
  store: CheckpointStore | undefined,
): Promise<ReadFailure | undefined> => {
  for (;;)
    try {
      return await loadState(log, current, store)
    } catch (thrown) {
      if (!isCheckpointDamage(thrown)) throw thrown
    }
}

/** Returns the policy for the checkpoint of `current`; without a store it only loads the state. */
export const checkpointPolicy = (
  log: EventLog<Event>,
  current: CurrentState,
  store: CheckpointStore | undefined,
): CheckpointPolicy => {
  let loading: Promise<ReadFailure | undefined> | undefined
  let isLoaded = false
  let runningCount = 0
  /** True if a command has ended since the timer was set. */
  let wasBusy = false
  let nextCheckLength = saveWhenIdleTail
  let timer: NodeJS.Timeout | undefined
  let backgroundSave: Promise<unknown> = Promise.resolve()

  const isUsable = (): boolean => isLoaded && !current.isDamaged()

  const loadOnce = async (): Promise<ReadFailure | undefined> => {
    if (isUsable()) return undefined
    isLoaded = false
    loading ??= loadWithRetry(log, current, store).finally(() => {
      loading = undefined
    })
    const failure = await loading
    isLoaded = failure === undefined
    return failure
  }

  const begin = (): void => void (runningCount += 1)
  const end = (): void => {
    runningCount -= 1
    wasBusy = true
    if (runningCount === 0 && store !== undefined) maintain(store)
  }

  /** Saves, or continues from what others saved: our reference keeps the disk from reusing blocks that they dropped. */
  const saveWhenIdle = (store: CheckpointStore): void => {
    timer = undefined
    if (runningCount > 0 || wasBusy) return waitForIdle(store)
    isLoaded &&= !store.isSuperseded()
    backgroundSave = (isUsable() ? store.save(current) : loadOnce()).catch(() => undefined)
  }
  const waitForIdle = (store: CheckpointStore): void => {
    wasBusy = false
    timer ??= setTimeout(() => saveWhenIdle(store), idleMs)
    // Closing the workspace saves; waiting to save must not keep a process alive.
    timer.unref()
  }

  const maintain = (store: CheckpointStore): void => {
    if (current.tailLength() < nextCheckLength) return
    nextCheckLength = current.tailLength() + saveWhenIdleTail
    if (current.tailLength() >= reloadTail && store.isSuperseded()) isLoaded = false
    else waitForIdle(store)
  }

  return {
    isLoaded: isUsable,
    fold: foldWhileLoaded(isUsable, log, current),
    retryAfterReload: retryAfterReload(loadOnce),
    load: loadOnce,
    catchUp: async () => {
      begin()
      try {
        return await (isUsable() ? catchUp(log, current) : loadOnce())
      } finally {
        end()
      }
    },
    begin,
    end,
    close: async () => {
      clearTimeout(timer)
      await backgroundSave
      // A command that was aborted during the first read of the log has left that read running.
      await loading?.catch(() => undefined)
      if (isUsable() && isWorthSaving(current)) await store?.save(current)
      current.close()
    },
  }
}

const foldWhileLoaded = (
  isUsable: () => boolean,
  log: Pick<EventLog<Event>, 'cursor'>,
  current: CurrentState,
): Fold<Event> => ({
  get seq() {
    return isUsable() ? current.get().seq : log.cursor().seq
  },
  apply: (events, offsets) => {
    if (!isUsable()) return
    try {
      current.apply(events, offsets)
    } catch (thrown) {
      // Not rethrown: the appended events must be synced and reported, and nothing is decided until the state is
      // reloaded.
      if (!isCheckpointDamage(thrown)) throw thrown
    }
  },
  applyProvisionally: () => (isUsable() ? current.applyProvisionally() : () => undefined),
})

const retryAfterReload = (loadState: CheckpointPolicy['load']): CheckpointPolicy['retryAfterReload'] => {
  const run: CheckpointPolicy['retryAfterReload'] = write => {
    try {
      return write()?.catch((thrown: unknown) => rerun(thrown, write))
    } catch (thrown) {
      return rerun(thrown, write)
    }
  }
  const rerun = async (thrown: unknown, write: () => Promise<void> | undefined): Promise<void> => {
    if (!isCheckpointDamage(thrown)) throw thrown
    // A log that cannot be read is reported by the next command.
    if ((await loadState()) === undefined) await run(write)
  }
  return run
}

/**
 * Events after which the state is saved during the first read of a long log, so that it need not fit into memory. With
 * 100,000 a million tasks took 680 MiB, with 50,000 they take 410, in the same time.
 */
const eventsInMemory = 50_000

/**
 * Brings `current` to the end of the log for the first time, or again after damage: from the checkpoint if it can be
 * trusted, or from the first line. undefined: success.
 */
const loadState = async (
  log: EventLog<Event>,
  current: CurrentState,
  store: CheckpointStore | undefined,
): Promise<ReadFailure | undefined> => {
  if (store === undefined) return catchUp(log, current)
  if (current.isDamaged()) current.reset()
  await store.restore(current)
  return store.withProgress(async report => {
    let fullLength = eventsInMemory
    const isFull = (): boolean => current.tailLength() >= fullLength
    for (;;) {
      const failure = await catchUp(log, current, report, isFull)
      if (failure !== undefined || !isFull()) return failure
      if (!(await store.save(current)) && store.isSuperseded()) await store.restore(current)
      // Processes that start together read the same events, and one blocks the others: they retry after as many more.
      fullLength = current.tailLength() + eventsInMemory
    }
  })
}

/** Brings `current` to the current end of the log, or until `shouldStop` returns true; undefined: success. */
const catchUp = async (
  log: EventLog<Event>,
  current: CurrentState,
  report?: (seq: number) => void,
  shouldStop?: () => boolean,
): Promise<ReadFailure | undefined> => {
  const end = await log.read(
    current.get().seq,
    (events, offsets) => {
      // A command may have advanced the state meanwhile.
      const firstNew = events.findIndex(event => event.seq > current.get().seq)
      if (firstNew >= 0) current.apply(events.slice(firstNew), offsets.slice(firstNew))
      report?.(current.get().seq)
    },
    shouldStop,
  )()
  return E.isLeft(end) ? end.left : undefined
}
