import { lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { IoFailed, LogDamaged, NetworkFileSystem } from '@claimlog/event-log'
import { systemErrorCode, createFileLog, logFileName } from '@claimlog/event-log-file'
import { findCheckout } from './git/checkout.ts'
import { configFileName, hasOwnLog, readConfiguredPlace, type WorkspaceConfig } from './config-file.ts'
import { defaultDirName, findLostLog, toAccessFailure } from './find-workspace.ts'
import { isServerUrl, withoutPassword } from './log-url.ts'
import type { ConfigUnusable, SearchFailure } from './search-failure.ts'
import { ignoreAll, ignoreOwnFilesAndItself, isOwnFile, writeIgnoreFile } from './git/ignore-file.ts'

/**
 * Creates the directory of a workspace, its `.gitignore` and an empty log; existing files are not changed. git ignores
 * everything in it, but in a directory with other files only claimlog's own files, and only inside a checkout.
 */
export const makeWorkspace = (
  dir: string,
  force: boolean,
): E.Either<IoFailed | NetworkFileSystem | LogDamaged, void> => {
  const lostLog = findLostLog(dir)
  if (lostLog !== undefined) return E.left(lostLog)
  // Before the log exists, so that no git command that runs meanwhile adds it.
  return createFileLog(dir, force, () => {
    const log = lstatSync(join(dir, logFileName), { throwIfNoEntry: false })
    if (log?.isFile() === false) return
    try {
      ignoreFiles(dir)
    } catch (thrown) {
      // Another user's workspace, which has none and can be used without it.
      if (systemErrorCode(thrown) !== 'EACCES' || log === undefined) throw thrown
    }
  })
}

const ignoreFiles = (dir: string): void => {
  if (basename(dir) === defaultDirName || readdirSync(dir).every(isOwnFile)) writeIgnoreFile(dir, ignoreAll)
  else if (findCheckout(dir) !== undefined) writeIgnoreFile(dir, ignoreOwnFilesAndItself)
}

/** Checks that `config.json` in `dir` leads to the log at `url`, or could: there is none, and no log either. */
export const checkConfigurable = (dir: string, url: string): E.Either<SearchFailure, 'configured' | 'new'> => {
  const log = withoutPassword(url)
  const path = join(dir, configFileName)
  // Otherwise the existing configuration would be reported, and not the mistake in the URL.
  if (!isServerUrl(url)) return E.left({ failure: 'LogUrlUnusable', detail: 'no log of this kind; postgres:// is' })
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
      return hasOwnLog(dir)
        ? E.left({ failure: 'TwoLogs', path: join(dir, logFileName), configPath: path, url: log })
        : E.right('new')
    return pipe(
      readConfiguredPlace(dir),
      E.filterOrElseW(
        place => place._tag === 'server' && place.url === log,
        (): ConfigUnusable => ({ failure: 'ConfigUnusable', path, detail: 'it leads to another log already' }),
      ),
      E.map(() => 'configured' as const),
    )
  } catch (thrown) {
    return E.left(toAccessFailure(path, thrown))
  }
}

/**
 * Creates `dir`, a `.claimlog`, with a `config.json` that leads to the log at `url`; the password of the URL is left
 * out. An existing one is not changed: if it leads to another log, or the directory has a log itself, that is an error.
 */
export const configureWorkspace = (dir: string, url: string): E.Either<SearchFailure, void> =>
  pipe(
    checkConfigurable(dir, url),
    E.chain(state => (state === 'configured' ? E.right(undefined) : writeConfig(dir, { log: withoutPassword(url) }))),
  )

/** Writes the `config.json` of a workspace, and replaces one at once. */
export const writeConfig = (dir: string, config: WorkspaceConfig): E.Either<SearchFailure, void> => {
  const path = join(dir, configFileName)
  try {
    mkdirSync(dir, { recursive: true })
    ignoreFiles(dir)
    const temporaryPath = `${path}.${process.pid}`
    writeFileSync(temporaryPath, `${JSON.stringify(config, null, 2)}\n`)
    renameSync(temporaryPath, path)
    return E.right(undefined)
  } catch (thrown) {
    return E.left(toAccessFailure(path, thrown, 'write'))
  }
}
