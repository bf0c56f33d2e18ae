import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type * as Module from '@claimlog/checkpoint'
import type { Event } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import type { CurrentState } from './current-state.ts'
import { derivedFiles, derivedFolderProblem } from '@claimlog/queue-file'

/** Keeps the state on disk, so that nobody has to fold a long log. A checkpoint that fails never fails a command. */
export type CheckpointKeeper = {
  /** Lays `current` over the checkpoint that is there, where that can be trusted and this very log goes on from it. */
  readonly open: (current: CurrentState) => Promise<void>
  /** Saves the state and lays it over what was saved; false: somebody else was faster, or it cannot be done. */
  readonly save: (current: CurrentState) => Promise<boolean>
  /** Whether somebody has saved a newer one since. */
  readonly isOvertaken: () => boolean
  /** Runs a reading of the log that may take long, and shows how far it is. */
  readonly whileReading: WhileReading
}

/** Runs a reading of a log, which reports the seq that it has come to, and may show how far that is. */
export type WhileReading = <A>(work: (report: (seq: number) => void) => Promise<A>) => Promise<A>

/** Runs `body` while no other process runs one under the same lock file. */
type WithLockFile = <B>(path: string, timeoutMs: number, body: () => B) => TE.TaskEither<IoFailed | LockTimeout, B>

export type CheckpointOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly withLockFile: WithLockFile
  readonly whileReading?: WhileReading
}

/** A process that met damage so often does without a checkpoint: its disk is not to be relied on. */
const damagesMax = 3

/** A keeper of the checkpoint of one workspace, safe beside those of other processes. */
export const checkpointKeeper = ({ dir, log, withLockFile, whileReading }: CheckpointOptions): CheckpointKeeper => {
  const derived = join(dir, derivedFiles.dir)
  const stampPath = join(dir, derivedFiles.checkpointStamp)
  const lockPath = join(dir, derivedFiles.checkpointLock)
  let loaded: typeof Module | undefined
  let found: Module.Found = { stamp: undefined }
  /** The stamps of checkpoints that were found damaged: where they cannot be taken away, they are still there. */
  const damaged = new Set<string | undefined>()

  /** What reads and writes a checkpoint takes its time to load: only where there is something to read or to write. */
  const load = async (): Promise<typeof Module> => (loaded ??= await import('@claimlog/checkpoint'))

  const look = async (): Promise<Module.Found> => {
    if (found.checkpoint?.isDamaged() === true) damaged.add(found.stamp)
    if (damaged.size >= damagesMax || !existsSync(stampPath)) return { stamp: undefined }
    const { openCheckpoint } = await load()
    const seen = openCheckpoint(derived)
    if (!damaged.has(seen.stamp)) return seen
    seen.checkpoint?.close()
    return { stamp: seen.stamp }
  }

  return {
    open: async current => {
      found = await look().catch(() => ({ stamp: undefined }))
      const { checkpoint, stamp } = found
      if (checkpoint === undefined) return
      const { seq, at } = checkpoint.head
      const resumed = await log.resume({ seq, at })()
      if (E.isRight(resumed) && resumed.right) return current.layOver(checkpoint)
      checkpoint.close()
      found = { stamp, distrust: 'the log holds another history' }
    },
    save: async current => {
      if (damaged.size >= damagesMax) return false
      try {
        if (derivedFolderProblem(dir) !== undefined) return false
        if (!existsSync(derived)) mkdirSync(derived)
        const { saveCheckpoint } = await load()
        const saved = await withLockFile(lockPath, 0, () => {
          const saving = current.saving(log.bookmark())
          return saving === undefined ? undefined : saveCheckpoint(derived, found, saving)
        })()
        if (E.isLeft(saved) || saved.right?.checkpoint === undefined) return false
        found = saved.right
        current.layOver(saved.right.checkpoint)
        return true
      } catch {
        return false
      }
    },
    isOvertaken: () => {
      const stamp = loaded?.readStamp(derived)
      return stamp !== undefined && stamp !== found.stamp
    },
    whileReading: whileReading ?? (work => work(() => undefined)),
  }
}
