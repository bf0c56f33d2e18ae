import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import { checkpointKeeper, openWorkspace } from '@claimlog/workspace'
import { derivedFiles, derivedFolderProblem, queueFileRefresher } from '@claimlog/queue-file'
import { emptyState, type Event, lineCodec, type State } from '@claimlog/domain'
import { openFileLog, realTimers, tryLockFile, withLockFile } from '@claimlog/event-log-file'

/** How far the file may be behind: so far apart are the ends of two writes. */
const lagMs = 5000

/**
 * Brings the `queue.json` in `dir` up to date, and again as long as the log goes on; there is one such process at most.
 * Ends where the file is up to date. Where it cannot be, or was edited, the next command sees to it.
 */
const refresh = async (dir: string): Promise<void> => {
  const opened = await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os' })()
  if (E.isLeft(opened)) return
  const log = opened.right
  const checkpoint = checkpointKeeper({ dir, log, withLockFile })
  const workspace = openWorkspace({ log, checkpoint })
  const bringUpToDate = queueFileRefresher({ dir, log, withLockFile })
  let state: State = emptyState()
  let writtenSeq = 0
  let isTooLarge = false

  const hasGoneOn = async (): Promise<boolean> => {
    const read = await workspace.read(now => {
      state = now
    })()
    return E.isRight(read) && state.seq > writtenSeq
  }

  /** Writes it, and again where the checkpoint under the state turns out to be damaged: asking for the state has it read anew. */
  const bringSoundly = async (): ReturnType<typeof bringUpToDate> => {
    try {
      return await bringUpToDate(() => state)
    } catch (thrown) {
      if (!isCheckpointDamage(thrown)) throw thrown
      await hasGoneOn()
      return bringSoundly()
    }
  }

  const write = async (): Promise<boolean> => {
    const how = await bringSoundly()
    // It is written on request from now on, and nobody counts on this process.
    isTooLarge = how === 'too large'
    if (how !== 'fresh') return false
    writtenSeq = state.seq
    return true
  }

  /** While it has the lock, writes what there is to write; false where that could not be done. */
  const keepUp = async (): Promise<boolean> => {
    while (await hasGoneOn()) {
      const startedAtMs = realTimers.monotonicMs()
      const written = await write()
      if (isTooLarge) return false
      const tookMs = realTimers.monotonicMs() - startedAtMs
      // What is written next must be there `lagMs` after what it has missed; at most half of the time is spent on it.
      await realTimers.sleep(Math.max(tookMs, lagMs - 2 * tookMs))
      if (!written) return false
    }
    return true
  }

  // Whoever changes something, or puts an edit aside, counts on this process while it has the lock, and starts another
  // once it does not: so it looks once more then.
  for (let missedSome = derivedFolderProblem(dir) === undefined; missedSome;) {
    const release = tryLockFile(join(dir, derivedFiles.refresher))
    if (release === undefined) return
    let keptUp: boolean
    try {
      keptUp = await keepUp()
    } finally {
      release()
    }
    missedSome = !isTooLarge && (await hasGoneOn()) && (keptUp || (await write()))
  }
}

try {
  setPriority(19)
} catch {
  // Then it goes at everybody's pace.
}
// Nobody is there to be told of anything: a workspace that is gone, a disk that is full.
void refresh(resolve(process.argv[2] ?? '.'))
  .catch(() => undefined)
  .then(() => process.exit())
