import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { makeWorkspace } from '@claimlog/discovery'
import { type Event, lineCodec } from '@claimlog/domain'
import { findLogFile, rechainLog } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import { derivedFiles } from '@claimlog/queue-file'

/** The options of a workspace that is created from a copy. */
export type CopyOptions = {
  readonly dir: string
  /** Allows a directory on a network file system. */
  readonly force: boolean
  /** The time to wait for other writers, in milliseconds; default 10 s. */
  readonly lockTimeoutMs?: number
}

/**
 * A workspace created from a copy; its log ends at `seq`. `keptAs`: the path of the old log, if the copy replaced it.
 */
export type WorkspaceCopy = {
  readonly workspace: string
  readonly source: string
  readonly seq: number
  readonly keptAs: string | undefined
}

/** There is no log at `path`, it is empty, or the target log already has events. */
export type CopyRefusal = { readonly notCopied: 'missing' | 'empty' | 'in_the_way'; readonly path: string }

/** Creates a new workspace from a copy of another log: `from` is the log or its directory. */
export const initFromCopy = (
  from: string,
  { dir, force, lockTimeoutMs }: CopyOptions,
): TE.TaskEither<QueueFailure | CopyRefusal, WorkspaceCopy> =>
  pipe(
    TE.fromIOEither(() => findLogFile(from)),
    TE.mapLeft((path): QueueFailure | CopyRefusal => ({ notCopied: 'missing', path })),
    TE.chainFirstEitherKW(() => makeWorkspace(dir, force)),
    TE.map(source => ({ source, workspace: globalThis.crypto.randomUUID() })),
    TE.bindW('copy', ({ source, workspace }) => copyLog(source, workspace, { dir, lockTimeoutMs })),
    TE.map(({ source, workspace, copy }) => {
      // The stamp belongs to the old log.
      rmSync(join(dir, derivedFiles.stamp), { force: true })
      return { workspace, source, ...copy }
    }),
  )

/** Copies every event of `source` to the log in `dir`, with new hashes and the id of the new workspace. */
const copyLog = (source: string, workspace: string, options: Pick<CopyOptions, 'dir' | 'lockTimeoutMs'>) =>
  pipe(
    rechainLog<Event>({ ...options, codec: lineCodec }, source, line => {
      const firstEvent = JSON.parse(line) as object
      return JSON.stringify({ ...firstEvent, workspace })
    }),
    TE.mapLeft((failure): QueueFailure | CopyRefusal =>
      failure.failure === 'LogInTheWay' ? { notCopied: 'in_the_way', path: failure.path } : failure,
    ),
    TE.filterOrElseW(
      ({ seq }) => seq > 0,
      (): CopyRefusal => ({ notCopied: 'empty', path: source }),
    ),
  )
