import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type {
  IoFailed,
  LastLine,
  LockTimeout,
  MoveTarget,
  MoveTargetFailure,
  MoveTargetState,
  Numbered,
  ReadFailure,
} from '@claimlog/event-log'
import { type EventCodec, sliceHash, startOfLog, type StoredLine, storedLineCodec } from '@claimlog/event-log-line'
import { prepareReplacement, renameToLog } from '../commit/rename-to-log.ts'
import { type Disk, findOwnFile, realDisk, realTimers } from '../disk/disk.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import { appendFully, type FileContext, type LogContext, OpenFile, withOpenFile } from '../disk/log-file.ts'
import { logFileName } from '../file-log.ts'
import { lockFailure } from '../lock/file-lock.ts'
import { readEvents } from '../read/log-reader.ts'
import { runUnderLogLock, withLogFile } from '../repair/locked-log.ts'
import { assertSound } from '../repair/replace-log.ts'

/**
 * The file next to the log that gets the lines of the moved log. Its existence means that a move was started: only where
 * it was started can it be completed.
 */
const incomingFileName = 'events.jsonl.incoming'

export type FileMoveTargetOptions<A> = {
  /** An absolute path; the directory has an `events.jsonl`, which may be empty. */
  readonly dir: string
  readonly codec: EventCodec<A>
  /** True if the log in `dir` accepts events: it has some, and was not moved elsewhere. Throws as the disk does. */
  readonly isUsed: () => boolean
  readonly lockTimeoutMs?: number
  readonly disk?: Disk
}

/**
 * A directory as the target of a move. The lines are written beside its log, and get the name of the log at once when
 * they are complete: at every instant the directory has either its old log, which accepts no events, or the moved one.
 */
export const fileMoveTarget = <A extends Numbered>(options: FileMoveTargetOptions<A>): MoveTarget => {
  const { dir, codec, isUsed, lockTimeoutMs, disk = realDisk } = options
  const path = join(dir, logFileName)
  const source: LogContext<A> = { disk, timers: realTimers, path, codec }
  let incoming: IncomingFile | undefined

  const attempt = <B>(operation: string, body: () => B): E.Either<IoFailed, B> =>
    E.tryCatch(body, thrown => toIoFailed(path, operation, thrown))
  const readPhase = TE.fromIOEither(() => attempt('read', () => findPhase(source, isUsed)))
  const read: TE.TaskEither<MoveTargetFailure, MoveTargetState> = pipe(
    readPhase,
    TE.bindTo('phase'),
    TE.bindW('end', ({ phase }) => (phase === 'started' ? TE.right(incoming?.end ?? noLine) : readEnd(source))),
    TE.map(state => ({ ...state, logId: undefined })),
  )

  return {
    target: dir,
    read,
    contains: line => containsLine(source, line),
    start: pipe(
      readPhase,
      TE.chainW(phase =>
        phase === 'used' || incoming !== undefined
          ? read
          : pipe(
              TE.fromIOEither(() => openIncoming(source)),
              TE.map((opened): MoveTargetState => {
                incoming = opened
                return { phase: 'started', logId: undefined, end: opened.end }
              }),
            ),
      ),
    ),
    addLines: (end, lines) =>
      TE.fromIOEither(() =>
        attempt('move to', () => {
          if (incoming?.end.seq !== end.seq) throw new RangeError(`the lines after ${end.seq} are not the next ones`)
          appendFully(incoming.file, Buffer.from(lines.map(line => `${line}\n`).join('')))
          incoming.end = { seq: end.seq + lines.length, hash: sliceHash(lines.at(-1) ?? '') }
          return incoming.end
        }),
      ),
    accept: end =>
      incoming === undefined
        ? checkAccepted(source, end, isUsed)
        : pipe(
            completeMove(source, incoming, end, isUsed, lockTimeoutMs),
            TE.map(() => {
              incoming = undefined
            }),
          ),
    close: async () => incoming?.file.close(),
  }
}

const noLine: LastLine = { seq: 0, hash: '' }

/** The open file of the lines that have arrived. */
type IncomingFile = { readonly file: OpenFile; readonly path: string; end: LastLine }

const findIncoming = ({ disk, path }: FileContext) => findOwnFile(disk, join(dirname(path), incomingFileName))

const findPhase = (source: FileContext, isUsed: () => boolean): MoveTargetState['phase'] => {
  if (isUsed()) return 'used'
  return findIncoming(source).exists ? 'started' : 'free'
}

/**
 * Creates the file, or empties that of an interrupted move: its lines are still at the source. Its lock, which is held
 * until it is closed, excludes a second move to this directory.
 */
const openIncoming = (source: FileContext): E.Either<IoFailed | LockTimeout, IncomingFile> => {
  const { disk, path: logPath } = source
  let file: OpenFile | undefined
  try {
    const { path } = findIncoming(source)
    file = OpenFile.open(disk, path, 'append or create')
    if (!file.tryLock()) {
      file.close()
      const reason = { _tag: 'Waited', waitedMs: 0, isAbandoned: false, holders: [], changedHands: false } as const
      return E.left(lockFailure(path, file, reason))
    }
    const opened = file
    withOpenFile(disk, logPath, 'read', log => opened.copyOwnerAndMode(log))
    file.truncate(0)
    // Before the source is left: a machine that restarts must still know that the move was started here.
    disk.syncDirectory(dirname(path))
    return E.right({ file, path, end: noLine })
  } catch (thrown) {
    file?.close()
    return E.left(toIoFailed(logPath, 'move to', thrown))
  }
}

/** Replaces the log, under its lock, by the lines that have arrived, and gives up their lock. */
const completeMove = <A extends Numbered>(
  source: LogContext<A>,
  incoming: IncomingFile,
  end: LastLine,
  isUsed: () => boolean,
  lockTimeoutMs: number | undefined,
): TE.TaskEither<MoveTargetFailure, void> =>
  pipe(
    withLogFile({ ...source, dir: dirname(source.path) }, (_source, log) =>
      runUnderLogLock(source, log, lockTimeoutMs, () => replaceByIncoming(source, incoming, end, isUsed)),
    ),
    TE.map(() => incoming.file.close()),
  )

/** A move that was complete before is so still, however the log went on. */
const checkAccepted = <A extends Numbered>(
  source: LogContext<A>,
  end: LastLine,
  isUsed: () => boolean,
): TE.TaskEither<MoveTargetFailure, void> =>
  pipe(
    containsLine(source, end),
    TE.filterOrElseW(
      isThere => isThere && isUsed(),
      () => refuse(source.path, 'the move was not started'),
    ),
    TE.map(() => undefined),
  )

const replaceByIncoming = <A extends Numbered>(
  source: LogContext<A>,
  incoming: IncomingFile,
  end: LastLine,
  isUsed: () => boolean,
): E.Either<MoveTargetFailure, void> => {
  const { path } = source
  try {
    if (isUsed()) return E.left(refuse(path, 'another process has created a workspace there meanwhile'))
    if (incoming.end.seq !== end.seq || incoming.end.hash !== end.hash)
      return E.left(refuse(path, `line ${end.seq} is not the last one that has arrived`))
    incoming.file.datasync()
    assertSound(source, incoming.path, end.seq)
    return renameToLog(source, incoming.path, prepareReplacement(source))
  } catch (thrown) {
    return E.left(toIoFailed(path, 'move to', thrown))
  }
}

const refuse = (path: string, detail: string): IoFailed => ({
  failure: 'IoFailed',
  path,
  operation: 'move to',
  code: 'EEXIST',
  detail,
})

const readEnd = <A extends Numbered>(source: LogContext<A>): TE.TaskEither<ReadFailure, LastLine> =>
  pipe(
    readEvents(source, 0, startOfLog, () => undefined),
    TE.map(({ seq, hash }) => ({ seq, hash })),
  )

const containsLine = <A extends Numbered>(
  source: LogContext<A>,
  { seq, hash }: LastLine,
): TE.TaskEither<ReadFailure, boolean> => {
  let found: string | undefined
  const onLines = (lines: ReadonlyArray<StoredLine>): void => {
    found ??= lines.find(line => line.seq === seq)?.line
  }
  const lineSource = { ...source, codec: storedLineCodec(source.codec) }
  return pipe(
    readEvents(lineSource, seq - 1, startOfLog, onLines, () => found !== undefined),
    TE.map(() => found !== undefined && sliceHash(found) === hash),
  )
}
