import { lstatSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { withoutPassword } from '@claimlog/discovery'
import { readHead, removeIfExists, sha256Hex } from '@claimlog/event-log-file'

/**
 * The part of the user's cache for logs on servers: a directory per log, named by its id, for its derived files; and in
 * `urls`, a file per URL with the id of the log to which it led, so that it can be found without asking the server.
 */
const cacheRoot = (): string => {
  const { XDG_CACHE_HOME: given = '', HOME: home = '' } = process.env
  return join(isAbsolute(given) ? given : join(home || homedir(), '.cache'), 'claimlog')
}

/** The directory for the derived files of a log. */
export const cacheDir = (logId: string): string =>
  // The id comes from the server: nothing but the characters of a UUID gets into a path.
  join(cacheRoot(), logId.replace(/[^0-9a-f-]/gi, ''))

const urlsMax = 256
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The path of the file for a URL, which says together with the environment where its log is. */
const urlPath = (url: string): string => {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE } = process.env
  const place = [withoutPassword(url), PGHOST, PGPORT, PGUSER, PGDATABASE]
  return join(cacheRoot(), 'urls', sha256Hex(JSON.stringify(place)))
}

/** Keeps the id of the log to which a URL led. If it cannot be kept, nothing is suggested at the shell. */
export const keepLogId = (url: string, logId: string): void => {
  try {
    const path = urlPath(url)
    if (!uuidPattern.test(logId) || readHead(path) === logId) return
    const dir = join(path, '..')
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    if (!lstatSync(dir).isDirectory()) return
    const names = readdirSync(dir)
    if (names.length >= urlsMax) for (const name of names) removeIfExists(join(dir, name))
    const temporaryPath = `${path}.${process.pid}`
    removeIfExists(temporaryPath)
    writeFileSync(temporaryPath, logId, { flag: 'wx', mode: 0o600 })
    renameSync(temporaryPath, path)
  } catch {
    // A read-only home directory.
  }
}

/** The id of the log to which a URL led when it was last used; undefined: it is not known. */
export const findLogId = (url: string): string | undefined => {
  try {
    const path = urlPath(url)
    const logId = lstatSync(join(path, '..')).isDirectory() ? readHead(path) : ''
    return uuidPattern.test(logId) ? logId : undefined
  } catch {
    return undefined
  }
}
