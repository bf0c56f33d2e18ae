import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type * as Module from '@claimlog/checkpoint'
import type { Event } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import type { CurrentState } from './current-state.ts'
import { derivedFiles, checkDerivedFolder } from '@claimlog/queue-file'

/** Keeps the state on disk, so that a long log need not be folded again. A checkpoint failure never fails a command. */
export type CheckpointStore = {
  /** Puts `current` on top of the checkpoint on disk, if it can be trusted and the log continues from it. */
  readonly restore: (current: CurrentState) => Promise<void>
  /** Saves the state and rebases it on the saved one; false: another process was faster, or saving failed. */
  readonly save: (current: CurrentState) => Promise<boolean>
  /** True if another process has saved a newer checkpoint since. */
  readonly isSuperseded: () => boolean
  /** Runs a read of the log that may take long, and shows its progress. */
  readonly withProgress: WithProgress
}

/** Runs a read of the log, which reports the last seq it reached so that progress can be shown. */
export type WithProgress = <A>(work: (report: (seq: number) => void) => Promise<A>) => Promise<A>

/** Runs `body` while no other process holds the lock file. */
type WithLockFile = <B>(path: string, timeoutMs: number, body: () => B) => TE.TaskEither<IoFailed | LockTimeout, B>

export type CheckpointStoreOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly withLockFile: WithLockFile
  readonly withProgress?: WithProgress
}

/** After this many damaged checkpoints, a process works without one: its disk is unreliable. */
const damagedManifestsMax = 3

/** Opens the checkpoint store of a workspace; safe to use from several processes. */
export const checkpointStore = ({ dir, log, withLockFile, withProgress }: CheckpointStoreOptions): CheckpointStore => {
  const derivedDir = join(dir, derivedFiles.dir)
  const manifestPath = join(dir, derivedFiles.checkpointManifest)
  const lockPath = join(dir, derivedFiles.checkpointLock)
  let loaded: typeof Module | undefined
  let latest: Module.CheckpointLookup = { manifestText: undefined }
  /** The manifests of damaged checkpoints: one that could not be deleted is still there. */
  const damagedManifests = new Set<string | undefined>()

  /** Imported lazily, because loading takes time: only if there is a checkpoint to read or write. */
  const load = async (): Promise<typeof Module> => (loaded ??= await import('@claimlog/checkpoint'))

  const openExisting = async (): Promise<Module.CheckpointLookup> => {
    if (latest.checkpoint?.isDamaged() === true) damagedManifests.add(latest.manifestText)
    if (damagedManifests.size >= damagedManifestsMax || !existsSync(manifestPath)) return { manifestText: undefined }
    const { openCheckpoint } = await load()
    const opened = openCheckpoint(derivedDir)
    if (!damagedManifests.has(opened.manifestText)) return opened
    opened.checkpoint?.close()
    return { manifestText: opened.manifestText }
  }

  return {
    restore: async current => {
      latest = await openExisting().catch(() => ({ manifestText: undefined }))
      const { checkpoint, manifestText } = latest
      if (checkpoint === undefined) return
      const { seq, at: location } = checkpoint.head
      const resumed = await log.resume({ seq, location })()
      if (E.isRight(resumed) && resumed.right) return current.rebase(checkpoint)
      checkpoint.close()
      latest = { manifestText, untrustedReason: 'the log has a different history' }
    },
    save: async current => {
      if (damagedManifests.size >= damagedManifestsMax) return false
      try {
        if (checkDerivedFolder(dir) !== undefined) return false
        if (!existsSync(derivedDir)) mkdirSync(derivedDir)
        const { saveCheckpoint } = await load()
        const saved = await withLockFile(lockPath, 0, () => {
          const snapshot = current.snapshot(log.cursor())
          return snapshot === undefined ? undefined : saveCheckpoint(derivedDir, latest, snapshot)
        })()
        if (E.isLeft(saved) || saved.right?.checkpoint === undefined) return false
        latest = saved.right
        current.rebase(saved.right.checkpoint)
        return true
      } catch {
        return false
      }
    },
    isSuperseded: () => {
      const manifestText = loaded?.readManifest(derivedDir)
      return manifestText !== undefined && manifestText !== latest.manifestText
    },
    withProgress: withProgress ?? (work => work(() => undefined)),
  }
}
