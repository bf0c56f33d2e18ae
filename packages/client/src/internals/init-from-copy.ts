import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { makeWorkspace } from '@claimlog/discovery'
import { type Event, lineCodec } from '@claimlog/domain'
import { logFileAt, rechainLog } from '@claimlog/event-log-file'
import type { QueueFailure } from '@claimlog/messages'
import { derivedFiles } from '@claimlog/queue-file'

/** Where the new workspace goes, and how. */
export type CopyOptions = {
  readonly dir: string
  /** Takes a directory on a network file system. */
  readonly force: boolean
  /** How long to wait for other writers; 10 s unless said. */
  readonly lockTimeoutMs?: number
}

/** A workspace made of a copy: its log ends at `seq`. `keptAs`: where the old log is, if the copy was in its place. */
export type CopiedWorkspace = {
  readonly workspace: string
  readonly source: string
  readonly seq: number
  readonly keptAs: string | undefined
}

/** There is no log at `path`, it has no event, or it is the one to be written and holds some. */
export type NotCopied = { readonly notCopied: 'missing' | 'empty' | 'in_the_way'; readonly path: string }

/** Makes a workspace of its own out of a copy of another one's log: `from` names that, or the directory that it is in. */
export const initFromCopy = (
  from: string,
  { dir, force, lockTimeoutMs }: CopyOptions,
): TE.TaskEither<QueueFailure | NotCopied, CopiedWorkspace> =>
  pipe(
    TE.fromIOEither(() => logFileAt(from)),
    TE.mapLeft((path): QueueFailure | NotCopied => ({ notCopied: 'missing', path })),
    TE.chainFirstEitherKW(() => makeWorkspace(dir, force)),
    TE.map(source => ({ source, workspace: globalThis.crypto.randomUUID() })),
    TE.bindW('copy', ({ source, workspace }) => copyLog(source, workspace, { dir, lockTimeoutMs })),
    TE.map(({ source, workspace, copy }) => {
      // What it says is true of the old log.
      rmSync(join(dir, derivedFiles.stamp), { force: true })
      return { workspace, source, ...copy }
    }),
  )

/** Writes every event of `source` into the log in `dir`, with new hashes and the id of the new workspace. */
const copyLog = (source: string, workspace: string, options: Pick<CopyOptions, 'dir' | 'lockTimeoutMs'>) =>
  pipe(
    rechainLog<Event>({ ...options, codec: lineCodec }, source, line => {
      const opened = JSON.parse(line) as object
      return JSON.stringify({ ...opened, workspace })
    }),
    TE.mapLeft((failure): QueueFailure | NotCopied =>
      failure.failure === 'LogInTheWay' ? { notCopied: 'in_the_way', path: failure.path } : failure,
    ),
    TE.filterOrElseW(
      ({ seq }) => seq > 0,
      (): NotCopied => ({ notCopied: 'empty', path: source }),
    ),
  )
