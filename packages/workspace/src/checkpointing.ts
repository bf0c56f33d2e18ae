import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import type { Event } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import type { CheckpointKeeper } from './checkpoint-keeper.ts'
import type { CurrentState } from './current-state.ts'
import { readOn, start } from './starting.ts'

/** When the state is read, and when it is put away. */
export type Checkpointing = {
  /** Whether the state was brought up before the first command, and no damage was found under it since. */
  readonly isStarted: () => boolean
  /** Brings the state up before the first command; undefined: it is there, now or since earlier. */
  readonly start: () => Promise<ReadFailure | undefined>
  /** Brings the state to where the log ends now. */
  readonly readOn: () => Promise<ReadFailure | undefined>
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

  const begin = (): void => {
    atWork += 1
  }
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
