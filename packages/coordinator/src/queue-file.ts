import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, maxOpenWrittenAtOnce, queueFileText, type State } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import { derivedDirName, type FoundQueueFile, queueFileOnDisk } from './queue-file-on-disk.ts'

/** Runs `body` while no other process runs one under the same lock file. */
export type WithLockFile = <B>(
  path: string,
  timeoutMs: number,
  body: () => B,
) => Promise<E.Either<IoFailed | LockTimeout, B>>

/** What should be known about `queue.json`, and stops nothing. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
  | { readonly notice: 'QueueFileNotWritten'; readonly path: string; readonly detail: string }

/** Keeps `queue.json` in step with the log. `current` gives the state as it is when it is asked. */
export type QueueFileWriter = {
  /** The state has changed: brings the file up to date, at once or, when coalescing, soon. */
  readonly changed: (current: () => State) => Promise<void>
  /** Brings the file up to date now. */
  readonly refresh: (current: () => State) => Promise<void>
  /** Writes the file anew, also where it seems to be up to date. */
  readonly rewrite: (current: () => State) => Promise<void>
  /** Brings the file up to date if it is not, and stops. */
  readonly close: (current: () => State) => Promise<void>
}

export type QueueFileOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly log: EventLog<Event>
  readonly withLockFile: WithLockFile
  readonly notify: (notice: QueueFileNotice) => void
  /**
   * `each`: the file is up to date when a command answers. `coalesced`: within 100 ms of it, 5 s in a workspace of more
   * than 10,000 open tasks, and at close; for processes that run many commands.
   */
  readonly mode: 'each' | 'coalesced'
}

/** Long enough for whoever writes it just now; a process stopped while it holds the lock must not stop the others. */
const lockTimeoutMs = 1000
const coalesceMs = 100
const coalesceLargeMs = 5000
/** Another process may write between two looks; it then wrote something newer. */
const maxLooks = 3

/** A writer for the `queue.json` of one workspace, safe beside those of other processes. */
export const queueFileWriter = (options: QueueFileOptions): QueueFileWriter => {
  const { dir, log, withLockFile, notify, mode } = options
  const file = queueFileOnDisk(dir)
  let timer: NodeJS.Timeout | undefined

  /** The text the file must have had at `seq`; undefined: the log does not go so far. */
  const textAt = async (seq: number, current: () => State): Promise<string | undefined> => {
    if (current().seq === seq) return queueFileText(current())
    let past = emptyState()
    const end = await log.readAfter(0, batch => {
      past = fold(
        past,
        batch.filter(event => event.seq <= seq),
      )
    })()
    return E.isRight(end) && past.seq === seq ? queueFileText(past) : undefined
  }

  const logReaches = async (seq: number, current: () => State): Promise<boolean> => {
    const end = await log.readAfter(current().seq, () => undefined)()
    return E.isRight(end) && end.right >= seq
  }

  const isOurs = async (found: FoundQueueFile, current: () => State): Promise<boolean> =>
    found.seq !== undefined && found.text === (await textAt(found.seq, current))

  const refresh = async (current: () => State): Promise<void> => {
    let judged: { readonly identity: string; readonly ours: boolean } | undefined
    let beyondLog: number | undefined
    for (let look = 1; look <= maxLooks; look += 1) {
      const outcome = await withLockFile(join(dir, derivedDirName, 'queue.lock'), lockTimeoutMs, () => {
        const { stampedSeq, identity } = file.inspect()
        if (stampedSeq === current().seq) return 'fresh'
        if (stampedSeq !== undefined && stampedSeq > current().seq && stampedSeq !== beyondLog) return 'newer'
        if (stampedSeq === undefined && identity !== undefined && identity !== judged?.identity) return 'unknown'
        if (judged?.identity === identity && judged?.ours === false)
          notify({ notice: 'QueueFileEdited', path: file.path, keptAs: file.keepEdited() })
        file.write(queueFileText(current()), current().seq)
        return 'fresh'
      })
      if (E.isLeft(outcome)) return notify(notWritten(file.path, outcome.left))
      if (outcome.right === 'fresh') return
      if (outcome.right === 'newer') {
        const { stampedSeq = 0 } = file.inspect()
        if (await logReaches(stampedSeq, current)) return
        // The log was put back to an earlier day since.
        beyondLog = stampedSeq
        continue
      }
      // The file is not as we left it. Whether somebody edited it is a question to the log, which takes its time.
      const found = file.read()
      judged = { identity: found.identity, ours: found.text.trim() === '' || (await isOurs(found, current)) }
    }
  }

  /** A command that was answered stays answered, whatever happens to a file that can be made again. */
  const refreshSafely = async (current: () => State): Promise<void> => {
    try {
      file.prepare()
      await refresh(current)
    } catch (thrown) {
      if (typeof (thrown as NodeJS.ErrnoException).code !== 'string') throw thrown
      notify({ notice: 'QueueFileNotWritten', path: file.path, detail: (thrown as Error).message })
    }
  }

  return {
    refresh: refreshSafely,
    rewrite: current => {
      file.forgetStamp()
      return refreshSafely(current)
    },
    changed: async current => {
      if (mode === 'each') return refreshSafely(current)
      if (timer !== undefined) return
      const large = current().table.count('open', '') > maxOpenWrittenAtOnce
      timer = setTimeout(
        () => {
          timer = undefined
          void refreshSafely(current)
        },
        large ? coalesceLargeMs : coalesceMs,
      )
      // Closing the workspace writes the file; waiting to write it is no reason to keep a process alive.
      timer.unref()
    },
    close: async current => {
      if (timer === undefined) return
      clearTimeout(timer)
      timer = undefined
      await refreshSafely(current)
    },
  }
}

const notWritten = (filePath: string, failure: IoFailed | LockTimeout): QueueFileNotice => ({
  notice: 'QueueFileNotWritten',
  path: filePath,
  detail:
    failure.failure === 'IoFailed'
      ? failure.detail
      : `another process (pid ${failure.holderPid ?? 'unknown'}) is at it`,
})
