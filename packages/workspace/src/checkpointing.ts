import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event } from '@claimlog/domain'
import type { EventLog, Follower, ReadFailure } from '@claimlog/event-log'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { CurrentState } from './current-state.ts'

/** When the state is read, and when it is put away. */
export type Checkpointing = {
  /** Whether the state was brought up before the first command, and no damage was found under it since. */
  readonly isStarted: () => boolean
  /** Brings the state up before the first command; undefined: it is there, now or since earlier. */
  readonly start: () => Promise<ReadFailure | undefined>
  /** Brings the state to where the log ends now. */
  readonly readOn: () => Promise<ReadFailure | undefined>
  /**
   * What the log's transactions give events to: the state, while it is up. Where something of the checkpoint under it turns
   * out to be damaged it is up no more, and what it is given then is read again.
   */
  readonly follower: Follower<Event>
  /**
   * Runs `write`, and again on a state that was read anew where the checkpoint under it turns out to be damaged. undefined:
   * there is nothing to wait for.
   */
  readonly onSoundState: (write: () => Promise<void> | undefined) => Promise<void> | undefined
  /** A command begins, which must {@link Checkpointing.end}: the checkpoint is looked after once none is at work. */
  readonly begin: () => void
  readonly end: () => void
  /** Saves the state where the next process would have much to read. No command may be at work. */
  readonly close: () => Promise<void>
}

/** Below this a log is read faster than a checkpoint is opened. */
const smallLog = 500
/** What a process that ends leaves for the next one to read, at most: a save costs as much as reading so many lines. */
const shortTail = 64
/** A few events are as much if they are long, or if one has moved thousands of tasks whose leases had ended. */
const shortSpan = 1024 * 1024
const fewTasks = 1000
/** Processes that go on for long have their state in memory: they save when nothing else is to be done. */
const longTail = 10_000
/** So much in memory is to be let go of even while there is work: bringing up the state anew keeps that waiting. */
const longestTail = 500_000
const idleMs = 1000

/** Whether the next process would have much to read, or much to do again. */
const isWorthSaving = (current: CurrentState): boolean => {
  const { tasks, span } = current.tailSize()
  if (span > shortSpan) return true
  return current.get().seq > smallLog && (current.tailLength() > shortTail || tasks > fewTasks)
}

/** As `start`, and again where the checkpoint that it goes on from turns out to be damaged. */
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

/** Looks after the checkpoint of `current`; where there is no keeper, only brings the state up. */
export const checkpointing = (
  log: EventLog<Event>,
  current: CurrentState,
  keeper: CheckpointKeeper | undefined,
): Checkpointing => {
  let started: Promise<ReadFailure | undefined> | undefined
  let isStarted = false
  let atWork = 0
  /** Whether a command has ended since the timer was set. */
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

  /** Saves, or goes on from what others have saved: ours keeps the disk from using anew what they no longer need. */
  const saveWhenIdle = (kept: CheckpointKeeper): void => {
    timer = undefined
    if (atWork > 0 || hasWorked) return waitForIdle(kept)
    isStarted &&= !kept.isOvertaken()
    inBackground = (isUp() ? kept.save(current) : startOnce()).catch(() => undefined)
  }
  const waitForIdle = (kept: CheckpointKeeper): void => {
    hasWorked = false
    timer ??= setTimeout(() => saveWhenIdle(kept), idleMs)
    // Whoever closes the workspace saves; waiting to do it is no reason to keep a process alive.
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
      // A command that was given up while the log was read for the first time has left that going on.
      await started?.catch(() => undefined)
      if (isUp() && isWorthSaving(current)) await keeper?.save(current)
      current.close()
    },
  }
}

const followerWhile = (
  isUp: () => boolean,
  log: Pick<EventLog<Event>, 'bookmark'>,
  current: CurrentState,
): Follower<Event> => ({
  get seq() {
    return isUp() ? current.get().seq : log.bookmark().seq
  },
  take: (events, addresses) => {
    if (!isUp()) return
    try {
      current.take(events, addresses)
    } catch (thrown) {
      // Not thrown on: what was appended must be synced and answered, and nothing is decided before the state is up again.
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
    // A log that cannot be read is told of by the next command.
    if ((await start()) === undefined) await run(write)
  }
  return run
}

/**
 * While a long log is read for the first time, the state is put away so often: it need not fit into memory. With 100,000 a
 * million tasks took 680 MiB, with 50,000 it is 410, in the same time.
 */
const eventsInMemory = 50_000

/**
 * Brings `current` to the end of the log for the first time, or anew where it is damaged: on from the checkpoint that can be
 * trusted, or from the first line. undefined: it is there.
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
      // Processes that start together read alike, and one is in the way of the others: they try again with as much more.
      fullAt = current.tailLength() + eventsInMemory
    }
  })
}

/** Brings `current` from where it is to where the log ends now, or until it `isEnough`; undefined: it is there. */
const readOn = async (
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
