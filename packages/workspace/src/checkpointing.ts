import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event } from '@claimlog/domain'
import type { EventLog, Fold, ReadFailure } from '@claimlog/event-log'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { CurrentState } from './current-state.ts'

/** Decides when the state is loaded and when it is saved. */
export type Checkpointing = {
  /** True if the state was loaded before the first command, and no damage was found under it since. */
  readonly isStarted: () => boolean
  /** Loads the state before the first command; undefined: it is loaded, now or already. */
  readonly start: () => Promise<ReadFailure | undefined>
  /** Brings the state to the current end of the log. */
  readonly readOn: () => Promise<ReadFailure | undefined>
  /**
   * Receives the events of the log's transactions while the state is loaded. If part of the checkpoint under it turns
   * out to be damaged, the state counts as not loaded, and these events are read again.
   */
  readonly follower: Fold<Event>
  /**
   * Runs `write`, and again on a reloaded state if the checkpoint under it turns out to be damaged. undefined: there is
   * nothing to wait for.
   */
  readonly onSoundState: (write: () => Promise<void> | undefined) => Promise<void> | undefined
  /** Marks the start of a command; call `end` after it. The checkpoint is maintained once no command is running. */
  readonly begin: () => void
  readonly end: () => void
  /** Saves the state if the next process would have much to read. No command may be running. */
  readonly close: () => Promise<void>
}

/** Reading a shorter log is faster than opening a checkpoint. */
const smallLog = 500
/** The longest tail that a process leaves for the next one to read: a save costs as much as reading this many lines. */
const shortTail = 64
/** A few events cost as much if they are long, or if one changed thousands of tasks whose leases had expired. */
const shortSpan = 1024 * 1024
const fewTasks = 1000
/** A long-lived process has its state in memory: it saves when it is idle. */
const longTail = 10_000
/** A tail this long is dropped even while busy, although reloading the state delays the commands. */
const longestTail = 500_000
const idleMs = 1000

/** True if the next process would have much to read or to recompute. */
const isWorthSaving = (current: CurrentState): boolean => {
  const { tasks, span } = current.tailSize()
  if (span > shortSpan) return true
  return current.get().seq > smallLog && (current.tailLength() > shortTail || tasks > fewTasks)
}

/** Loads the state, and again if the checkpoint that it started from turns out to be damaged. */
const startSoundly = async (
  log: EventLog<Event>,
  current: CurrentState,
  keeper: CheckpointKeeper | undefined,
): Promise<ReadFailure | undefined> => {
  for (;;)
    try {
      return await start(log, current, keeper)
    } catch (thrown) {
      if (!isCheckpointDamage(thrown)) throw thrown
    }
}

/** Returns the policy for the checkpoint of `current`; without a keeper it only loads the state. */
export const checkpointing = (
  log: EventLog<Event>,
  current: CurrentState,
  keeper: CheckpointKeeper | undefined,
): Checkpointing => {
  let started: Promise<ReadFailure | undefined> | undefined
  let isStarted = false
  let atWork = 0
  /** True if a command has ended since the timer was set. */
  let hasWorked = false
  let nextLook = longTail
  let timer: NodeJS.Timeout | undefined
  let inBackground: Promise<unknown> = Promise.resolve()

  const isUp = (): boolean => isStarted && !current.isDamaged()

  const startOnce = async (): Promise<ReadFailure | undefined> => {
    if (isUp()) return undefined
    isStarted = false
    started ??= startSoundly(log, current, keeper).finally(() => {
      started = undefined
    })
    const failed = await started
    isStarted = failed === undefined
    return failed
  }

  const begin = (): void => void (atWork += 1)
  const end = (): void => {
    atWork -= 1
    hasWorked = true
    if (atWork === 0 && keeper !== undefined) lookAfter(keeper)
  }

  /** Saves, or continues from what others saved: our reference keeps the disk from reusing blocks that they dropped. */
  const saveWhenIdle = (kept: CheckpointKeeper): void => {
    timer = undefined
    if (atWork > 0 || hasWorked) return waitForIdle(kept)
    isStarted &&= !kept.isOvertaken()
    inBackground = (isUp() ? kept.save(current) : startOnce()).catch(() => undefined)
  }
  const waitForIdle = (kept: CheckpointKeeper): void => {
    hasWorked = false
    timer ??= setTimeout(() => saveWhenIdle(kept), idleMs)
    // Closing the workspace saves; waiting to save must not keep a process alive.
    timer.unref()
  }

  const lookAfter = (kept: CheckpointKeeper): void => {
    if (current.tailLength() < nextLook) return
    nextLook = current.tailLength() + longTail
    if (current.tailLength() >= longestTail && kept.isOvertaken()) isStarted = false
    else waitForIdle(kept)
  }

  return {
    isStarted: isUp,
    follower: followerWhile(isUp, log, current),
    onSoundState: onSoundState(startOnce),
    start: startOnce,
    readOn: async () => {
      begin()
      try {
        return await (isUp() ? readOn(log, current) : startOnce())
      } finally {
        end()
      }
    },
    begin,
    end,
    close: async () => {
      clearTimeout(timer)
      await inBackground
      // A command that was aborted during the first read of the log has left that read running.
      await started?.catch(() => undefined)
      if (isUp() && isWorthSaving(current)) await keeper?.save(current)
      current.close()
    },
  }
}

const followerWhile = (
  isUp: () => boolean,
  log: Pick<EventLog<Event>, 'cursor'>,
  current: CurrentState,
): Fold<Event> => ({
  get seq() {
    return isUp() ? current.get().seq : log.cursor().seq
  },
  apply: (events, addresses) => {
    if (!isUp()) return
    try {
      current.take(events, addresses)
    } catch (thrown) {
      // Not rethrown: the appended events must be synced and reported, and nothing is decided until the state is
      // reloaded.
      if (!isCheckpointDamage(thrown)) throw thrown
    }
  },
})

const onSoundState = (start: Checkpointing['start']): Checkpointing['onSoundState'] => {
  const run: Checkpointing['onSoundState'] = write => {
    try {
      return write()?.catch((thrown: unknown) => again(thrown, write))
    } catch (thrown) {
      return again(thrown, write)
    }
  }
  const again = async (thrown: unknown, write: () => Promise<void> | undefined): Promise<void> => {
    if (!isCheckpointDamage(thrown)) throw thrown
    // A log that cannot be read is reported by the next command.
    if ((await start()) === undefined) await run(write)
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
const start = async (
  log: EventLog<Event>,
  current: CurrentState,
  checkpoint: CheckpointKeeper | undefined,
): Promise<ReadFailure | undefined> => {
  if (checkpoint === undefined) return readOn(log, current)
  if (current.isDamaged()) current.forget()
  await checkpoint.open(current)
  return checkpoint.whileReading(async report => {
    let fullAt = eventsInMemory
    const isFull = (): boolean => current.tailLength() >= fullAt
    for (;;) {
      const failed = await readOn(log, current, report, isFull)
      if (failed !== undefined || !isFull()) return failed
      if (!(await checkpoint.save(current)) && checkpoint.isOvertaken()) await checkpoint.open(current)
      // Processes that start together read the same events, and one blocks the others: they retry after as many more.
      fullAt = current.tailLength() + eventsInMemory
    }
  })
}

/** Brings `current` to the current end of the log, or until `shouldStop` returns true; undefined: success. */
const readOn = async (
  log: EventLog<Event>,
  current: CurrentState,
  report?: (seq: number) => void,
  isEnough?: () => boolean,
): Promise<ReadFailure | undefined> => {
  const end = await log.read(
    current.get().seq,
    (events, addresses) => {
      // A command may have advanced the state meanwhile.
      const known = events.findIndex(event => event.seq > current.get().seq)
      if (known >= 0) current.take(events.slice(known), addresses.slice(known))
      report?.(current.get().seq)
    },
    isEnough,
  )()
  return E.isLeft(end) ? end.left : undefined
}
