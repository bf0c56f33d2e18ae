import { lstatSync, unlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { configFileName, readConfig } from './config-file.ts'
import { defaultDirName, toAccessFailure } from './find-workspace.ts'
import type { LogPlace } from './log-place.ts'
import { withoutPassword } from './log-url.ts'
import { configureWorkspace, writeConfig } from './make-workspace.ts'
import type { SearchFailure } from './search-failure.ts'

/** A log that is moved between a directory and a server, or between servers. */
export type Relocation = { readonly from: LogPlace; readonly to: LogPlace }

/**
 * Checks, before a log is moved into a directory, that the directory can use it then: its `config.json`, if it has one,
 * leads to the log that is moved, and is removed by {@link followMove}.
 */
export const checkMoveTarget = ({ from, to }: Relocation): E.Either<SearchFailure, void> => {
  if (to._tag === 'server') return E.right(undefined)
  return pipe(
    readConfigIfAny(to.dir),
    E.filterOrElseW(
      url => url === undefined || (from._tag === 'server' && url === withoutPassword(from.url)),
      (): SearchFailure => ({
        failure: 'ConfigUnusable',
        path: join(to.dir, configFileName),
        detail: 'it leads to another log than the one that is moved here',
      }),
    ),
    E.map(() => undefined),
  )
}

/**
 * Makes the commands in the directory that had the log, or led to it, use it where it is now: writes, replaces or removes
 * the `config.json` of a `.claimlog`. Can be repeated.
 */
export const followMove = ({ from, to }: Relocation): E.Either<SearchFailure, void> => {
  if (to._tag === 'directory') return removeConfig(to.dir)
  if (from._tag === 'directory')
    return basename(from.dir) === defaultDirName ? configureWorkspace(from.dir, to.url) : E.right(undefined)
  const { dir } = from
  if (dir === undefined) return E.right(undefined)
  return pipe(
    readConfigIfAny(dir),
    E.chain(url =>
      url === withoutPassword(from.url) ? writeConfig(dir, { log: withoutPassword(to.url) }) : E.right(undefined),
    ),
  )
}

/** The URL in the `config.json` of a workspace; undefined: it has none, as no other directory has. */
const readConfigIfAny = (dir: string): E.Either<SearchFailure, string | undefined> => {
  const path = join(dir, configFileName)
  if (basename(dir) !== defaultDirName) return E.right(undefined)
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return E.right(undefined)
    return E.map(({ log }: { readonly log: string }) => log)(readConfig(path))
  } catch (thrown) {
    return E.left(toAccessFailure(path, thrown))
  }
}

const removeConfig = (dir: string): E.Either<SearchFailure, void> => {
  const path = join(dir, configFileName)
  if (basename(dir) !== defaultDirName) return E.right(undefined)
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) unlinkSync(path)
    return E.right(undefined)
  } catch (thrown) {
    return E.left(toAccessFailure(path, thrown, 'remove'))
  }
}
