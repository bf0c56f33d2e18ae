import { dirname } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  absolutePath,
  checkMoveTarget,
  findPlace,
  followMove,
  hasOwnLog,
  type LogPlace,
  makeWorkspace,
  type PlaceChoice,
  type Relocation,
  type SearchFailure,
  withoutPassword,
} from '@claimlog/discovery'
import { lineCodec } from '@claimlog/domain'
import { defaultLockTimeoutMs, type MoveTarget, runAndClose } from '@claimlog/event-log'
import { fileMoveTarget, isSameFile } from '@claimlog/event-log-file'
import { dryRun, type WorkspaceNotice } from '@claimlog/workspace'
import { openWorkspaceParts } from '../local-queue.ts'
import { choosePlace } from '../log/choose-place.ts'
import { createServerLog, openLines, openServerMoveTarget } from '../log/open-log.ts'
import type { LogOptions } from '../log/opened-log.ts'
import type { CallOptions } from '../queue-methods.ts'
import { type MoveFailure, moveLines, type MoveResult, type MoveSource } from './move-lines.ts'

/** The options to move a log. */
export type MoveOptions = LogOptions &
  CallOptions & {
    /** Allows a directory on a network file system. */
    readonly force: boolean
    readonly notify: (notice: WorkspaceNotice) => void
    /** Called with the last event that has arrived. */
    readonly report: (seq: number) => void
  }

/**
 * A log that was moved. `isFoundHere`: commands in the working directory and with this environment use it where it is now;
 * otherwise they must name the place.
 */
export type MovedLog = MoveResult & { readonly from: string; readonly to: string; readonly isFoundHere: boolean }

/**
 * Finds the log to move, and the place to move it to: the URL of a log on a server, or a directory. In a directory with
 * a log and a `config.json`, as an interrupted move into it leaves behind, the log to move is the one on the server.
 */
export const findRelocation = (choice: PlaceChoice, target: string): E.Either<SearchFailure, Relocation> =>
  pipe(
    E.Do,
    E.bind('to', () => toPlace(target)),
    E.bind('from', ({ to }) =>
      E.orElse((failure: SearchFailure): E.Either<SearchFailure, LogPlace> =>
        failure.failure === 'TwoLogs' && to._tag === 'directory' && isSameFile(dirname(failure.path), to.dir)
          ? E.right(onServer(failure.url, true, to.dir))
          : E.left(failure),
      )(findPlace(choice)),
    ),
  )

const toPlace = (target: string): E.Either<SearchFailure, LogPlace> =>
  target.includes('://')
    ? E.right(onServer(target, false, undefined))
    : E.map((dir: string): LogPlace => ({ _tag: 'directory', dir }))(absolutePath(target))

const onServer = (url: string, isNamedByFile: boolean, dir: string | undefined): LogPlace => ({
  ...{ _tag: 'server', url, isNamedByFile },
  ...{ dir, keepsQueueFile: false },
})

/** Moves a log, unchanged byte for byte, and leaves the old one behind, which accepts no more events. */
export const moveLog = (relocation: Relocation, options: MoveOptions): TE.TaskEither<MoveFailure, MovedLog> => {
  const { from, to } = relocation
  const ends = { from: describePlace(from), to: describePlace(to) }
  if (from._tag === 'directory' && to._tag === 'directory' && isSameFile(from.dir, to.dir))
    return withSource(from, options, ({ workspace }) =>
      pipe(workspace.query(({ seq }) => ({ ...ends, seq, changed: false, isFoundHere: isFoundHere(to) }))),
    )
  return pipe(
    TE.fromEither(checkMoveTarget(relocation)),
    TE.chainW(() =>
      withSource(from, options, source =>
        pipe(
          checkSource(source, to),
          TE.chainW(() => openTarget(to, options)),
          TE.chainW(target => runAndClose(target, moveLines(source, target, options, options.report))),
        ),
      ),
    ),
    TE.chainFirstEitherKW(() => followMove(relocation)),
    TE.map(result => ({ ...ends, ...result, isFoundHere: isFoundHere(to) })),
  )
}

const isFoundHere = (place: LogPlace): boolean =>
  pipe(
    findPlace(choosePlace({})),
    E.exists(found =>
      found._tag === 'directory' && place._tag === 'directory'
        ? isSameFile(found.dir, place.dir)
        : describePlace(found) === describePlace(place),
    ),
  )

const describePlace = (place: LogPlace): string => (place._tag === 'directory' ? place.dir : withoutPassword(place.url))

/** Opens the log that is moved twice: as a workspace, and line by line. */
const withSource = <A>(
  place: LogPlace,
  options: MoveOptions,
  body: (source: MoveSource) => TE.TaskEither<MoveFailure, A>,
): TE.TaskEither<MoveFailure, A> =>
  pipe(
    openWorkspaceParts({ ...options, place, mode: 'coalesced' }),
    TE.chainW(({ workspace }) =>
      runAndClose(
        workspace,
        pipe(
          openLines(place, options.lockTimeoutMs),
          TE.chainW(lines => runAndClose(lines, body({ workspace, lines }))),
        ),
      ),
    ),
  )

/** Refuses a move to a directory before anything is created there. */
const checkSource = ({ workspace }: MoveSource, to: LogPlace): TE.TaskEither<MoveFailure, unknown> =>
  to._tag === 'server'
    ? TE.right(undefined)
    : pipe(
        workspace.query((state, now) => dryRun(state, now, { command: 'move', target: to.dir })),
        TE.chainEitherKW(decision => decision),
      )

/** Opens the target, and creates what it lacks: a directory, or the schema and the workspace on a server. */
const openTarget = (
  place: LogPlace,
  { force, lockTimeoutMs = defaultLockTimeoutMs }: MoveOptions,
): TE.TaskEither<MoveFailure, MoveTarget> => {
  if (place._tag === 'server')
    return pipe(
      createServerLog(place, lockTimeoutMs),
      TE.chainW(() => openServerMoveTarget(place, lockTimeoutMs)),
    )
  const { dir } = place
  return pipe(
    TE.fromIOEither(() => makeWorkspace(dir, force)),
    TE.map(() => fileMoveTarget({ dir, codec: lineCodec, isUsed: () => hasOwnLog(dir), lockTimeoutMs })),
  )
}
