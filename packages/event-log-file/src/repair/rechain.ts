import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import { forEachPiece } from './damaged-part.ts'
import { toIoFailed } from '../disk/io-failure.ts'
import {
  appendFully,
  type LogFile,
  type OpenFile,
  openLogFile,
  ignoreSystemErrors,
  type LogContext,
  withOpenFile,
} from '../disk/log-file.ts'
import { encodeLine, stripHash } from '@claimlog/event-log-line'
import { withLogFile, type RepairOptions, runUnderLogLock } from './locked-log.ts'
import { readWholeLog, type RepairFailure, type SoundLog } from './repair.ts'
import { syncRename } from '../commit/rename-to-log.ts'
import { assertSound, copyRanges, fillAndSync } from './replace-log.ts'

const temporaryName = 'events.jsonl.copying'

/** The result of copying a log. `keptAs`: the path of the old log, if the copy has replaced it. */
export type RechainResult = { readonly seq: number; readonly keptAs: string | undefined }

/** The target log already has events, and is not the log that is copied. */
export type LogInTheWay = { readonly failure: 'LogInTheWay'; readonly path: string }

/**
 * Writes the log at `sourcePath` to the one in `options.dir`, which must be empty or the same file. Each line is copied
 * with a new hash; the first one is replaced by the JSON that `change` returns. If both are the same file, the old log
 * is kept next to it under another name. At every instant the log is either the old one or the new one.
 */
export const rechainLog = <A extends Numbered>(
  options: RepairOptions<A>,
  sourcePath: string,
  change: (firstLine: string) => string,
): TE.TaskEither<RepairFailure | LogInTheWay, RechainResult> =>
  withLogFile(options, (target, file) =>
    runUnderLogLock(target, file, options.lockTimeoutMs, () => rechainSource(sourcePath, target, file, change)),
  )

const rechainSource = <A extends Numbered>(
  sourcePath: string,
  target: LogContext<A>,
  file: LogFile,
  change: (firstLine: string) => string,
): E.Either<ReadFailure | OutcomeUnknown | LogInTheWay, RechainResult> =>
  pipe(
    openLogFile(target.disk, sourcePath),
    E.chainW(sourceFile => {
      try {
        return rechainNow(target, file, { ...target, path: sourcePath }, sourceFile, change)
      } finally {
        sourceFile.close()
      }
    }),
  )

const rechainNow = <A extends Numbered>(
  target: LogContext<A>,
  file: LogFile,
  source: LogContext<A>,
  sourceFile: LogFile,
  change: (firstLine: string) => string,
): E.Either<ReadFailure | OutcomeUnknown | LogInTheWay, RechainResult> => {
  const [one, other] = [file.current().identity(), sourceFile.current().identity()]
  const isSame = one.ino === other.ino && one.dev === other.dev
  if (!isSame && one.size > 0) return E.left({ failure: 'LogInTheWay', path: target.path })
  return pipe(
    readSound(source, sourceFile),
    E.chainW(sound => writeAndReplace(target, file, sourceFile, sound, isSame, change)),
    E.chainFirstW(() => syncRename(target)),
  )
}

const readSound = <A extends Numbered>(source: LogContext<A>, sourceFile: LogFile): E.Either<ReadFailure, SoundLog> =>
  pipe(
    readWholeLog(source, sourceFile, () => undefined),
    E.chain(inspection =>
      inspection._tag === 'sound'
        ? E.right(inspection)
        : E.left({ failure: 'LogDamaged', path: source.path, ...inspection.damaged.damage }),
    ),
  )

const writeAndReplace = <A extends Numbered>(
  target: LogContext<A>,
  file: LogFile,
  sourceFile: LogFile,
  { seq, unfinishedBytes }: SoundLog,
  isSame: boolean,
  change: (firstLine: string) => string,
): E.Either<IoFailed, RechainResult> => {
  const { disk, path } = target
  const temporary = join(dirname(path), temporaryName)
  let keptAs: string | undefined
  try {
    ignoreSystemErrors(() => disk.remove(temporary))
    writeFile(target, temporary, file, copy =>
      writeLines(sourceFile, sourceFile.size() - unfinishedBytes, change, copy),
    )
    assertSound(target, temporary, seq)
    if (isSame) {
      keptAs = findFreeName(target)
      const wholeRange = [{ from: 0, to: sourceFile.size(), newline: false }]
      writeFile(target, keptAs, file, copy => copyRanges(sourceFile.current(), wholeRange, copy))
    }
    disk.syncDirectory(dirname(path))
    disk.rename(temporary, path)
    return E.right({ seq, keptAs })
  } catch (thrown) {
    ignoreSystemErrors(() => disk.remove(temporary))
    return E.left(toIoFailed(path, 'copy to', thrown))
  }
}

const writeFile = <A>({ disk }: LogContext<A>, path: string, like: LogFile, write: (file: OpenFile) => void): void =>
  withOpenFile(disk, path, 'create', file => fillAndSync(file, like.current(), () => write(file)))

const writeLines = (sourceFile: LogFile, end: number, change: (firstLine: string) => string, file: OpenFile): void => {
  let hash = ''
  forEachPiece(sourceFile.current(), 0, end, bytes => {
    const json = stripHash(bytes?.toString() ?? '')
    const encodedLine = encodeLine(hash, hash === '' ? change(json) : json, false)
    appendFully(file, Buffer.from(encodedLine.line))
    hash = encodedLine.hash
  })
}

const findFreeName = <A>({ disk, path }: LogContext<A>): string => {
  for (let n = 1; ; n += 1) {
    const name = join(dirname(path), n === 1 ? 'events.copied.jsonl' : `events.copied.${n}.jsonl`)
    if (disk.stat(name) === undefined) return name
  }
}
