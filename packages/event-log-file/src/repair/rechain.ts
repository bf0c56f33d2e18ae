import { dirname, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { IoFailed, Numbered, OutcomeUnknown, ReadFailure } from '@claimlog/event-log'
import { eachPiece } from './cut-off-part.ts'
import { ioFailed } from '../disk/io-failure.ts'
import {
  appendAll,
  type LogFile,
  type OpenFile,
  openLogFile,
  quietly,
  type Source,
  withOpenFile,
} from '../disk/log-file.ts'
import { sealLine, unsealed } from '../format/line.ts'
import { inLogFile, type RepairOptions, underLogLock } from './locked-log.ts'
import { readThrough, type RepairFailure, type SoundLog } from './repair.ts'
import { assertSound, copyPieces, filled, syncRename } from './replace-log.ts'

const temporaryName = 'events.jsonl.copying'

/** The result of copying a log. `keptAs`: the path of the old log, if the copy has replaced it. */
export type Rechained = { readonly seq: number; readonly keptAs: string | undefined }

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
): TE.TaskEither<RepairFailure | LogInTheWay, Rechained> =>
  inLogFile(options, (target, file) =>
    underLogLock(target, file, options.lockTimeoutMs, () => rechainSource(sourcePath, target, file, change)),
  )

const rechainSource = <A extends Numbered>(
  sourcePath: string,
  target: Source<A>,
  file: LogFile,
  change: (firstLine: string) => string,
): E.Either<ReadFailure | OutcomeUnknown | LogInTheWay, Rechained> =>
  pipe(
    openLogFile(target.disk, sourcePath),
    E.chainW(copied => {
      try {
        return rechainNow(target, file, { ...target, path: sourcePath }, copied, change)
      } finally {
        copied.close()
      }
    }),
  )

const rechainNow = <A extends Numbered>(
  target: Source<A>,
  file: LogFile,
  source: Source<A>,
  copied: LogFile,
  change: (firstLine: string) => string,
): E.Either<ReadFailure | OutcomeUnknown | LogInTheWay, Rechained> => {
  const [one, other] = [file.current().identity(), copied.current().identity()]
  const isSame = one.ino === other.ino && one.dev === other.dev
  if (!isSame && one.size > 0) return E.left({ failure: 'LogInTheWay', path: target.path })
  return pipe(
    readSound(source, copied),
    E.chainW(sound => putInPlace(target, file, copied, sound, isSame, change)),
    E.chainFirstW(() => syncRename(target)),
  )
}

const readSound = <A extends Numbered>(source: Source<A>, copied: LogFile): E.Either<ReadFailure, SoundLog> =>
  pipe(
    readThrough(source, copied, () => undefined),
    E.chain(found =>
      found.log === 'sound'
        ? E.right(found)
        : E.left({ failure: 'LogDamaged', path: source.path, ...found.damaged.damage }),
    ),
  )

const putInPlace = <A extends Numbered>(
  target: Source<A>,
  file: LogFile,
  copied: LogFile,
  { seq, unfinishedBytes }: SoundLog,
  isSame: boolean,
  change: (firstLine: string) => string,
): E.Either<IoFailed, Rechained> => {
  const { disk, path } = target
  const temporary = join(dirname(path), temporaryName)
  let keptAs: string | undefined
  try {
    quietly(() => disk.remove(temporary))
    writeFile(target, temporary, file, copy => writeLines(copied, copied.size() - unfinishedBytes, change, copy))
    assertSound(target, temporary, seq)
    if (isSame) {
      keptAs = freeName(target)
      const whole = [{ from: 0, to: copied.size(), newline: false }]
      writeFile(target, keptAs, file, copy => copyPieces(copied.current(), whole, copy))
    }
    disk.syncDirectory(dirname(path))
    disk.rename(temporary, path)
    return E.right({ seq, keptAs })
  } catch (thrown) {
    quietly(() => disk.remove(temporary))
    return E.left(ioFailed(path, 'copy to', thrown))
  }
}

const writeFile = <A>({ disk }: Source<A>, path: string, like: LogFile, write: (file: OpenFile) => void): void =>
  withOpenFile(disk, path, 'create', file => filled(file, like.current(), () => write(file)))

const writeLines = (copied: LogFile, end: number, change: (firstLine: string) => string, file: OpenFile): void => {
  let hash = ''
  eachPiece(copied.current(), 0, end, bytes => {
    const json = unsealed(bytes?.toString() ?? '')
    const sealed = sealLine(hash, hash === '' ? change(json) : json, false)
    appendAll(file, Buffer.from(sealed.line))
    hash = sealed.hash
  })
}

const freeName = <A>({ disk, path }: Source<A>): string => {
  for (let n = 1; ; n += 1) {
    const name = join(dirname(path), n === 1 ? 'events.copied.jsonl' : `events.copied.${n}.jsonl`)
    if (disk.stat(name) === undefined) return name
  }
}
