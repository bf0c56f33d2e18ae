import { constants, fstatSync, lstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { logFileName, withDescriptor } from '@claimlog/event-log-file'
import { hasPassword, withoutPassword } from './log-url.ts'
import type { LogPlace } from './log-place.ts'
import type { ConfigUnusable, TwoLogs } from './search-failure.ts'

/** In a workspace's directory: `{"log": "postgres://…"}` leads to a log on a server. */
export const configFileName = 'config.json'

/** The configuration of a workspace. */
export type WorkspaceConfig = { readonly log: string }

const bytesMax = 64 * 1024
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants

/**
 * The log that the `config.json` in `dir` leads to. A log in `dir` itself is an error, as the directory would have two
 * queues, unless it ends with the event that it was moved. Throws the error of a system call.
 */
export const readConfiguredPlace = (dir: string): E.Either<ConfigUnusable | TwoLogs, LogPlace> => {
  const path = join(dir, configFileName)
  const toPlace = ({ log: url }: WorkspaceConfig): E.Either<TwoLogs, LogPlace> =>
    hasOwnLog(dir)
      ? E.left({ failure: 'TwoLogs', path: join(dir, logFileName), configPath: path, url: withoutPassword(url) })
      : E.right({ _tag: 'server', url, isNamedByFile: true, dir, keepsQueueFile: false })
  return E.chainW(toPlace)(readConfig(path))
}

/** The configuration in a file. Throws the error of a system call. */
export const readConfig = (path: string): E.Either<ConfigUnusable, WorkspaceConfig> => {
  const refuse = (detail: string): E.Either<ConfigUnusable, never> =>
    E.left({ failure: 'ConfigUnusable', path, detail })
  const text = readText(path)
  if (text === undefined) return refuse(`it is not a plain file of at most ${bytesMax / 1024} KiB`)
  const config = parseObject(text)
  if (config === undefined) return refuse('it is not a JSON object')
  const unknown = Object.keys(config).find(name => name !== 'log')
  if (unknown !== undefined)
    return refuse(`it has the unknown field ${JSON.stringify(unknown)}; it can only have "log"`)
  const { log } = config
  if (typeof log !== 'string' || !log.includes('://')) return refuse('its field "log" is not the URL of a log')
  if (hasPassword(log))
    return refuse('its field "log" contains a password; remove it, and set PGPASSWORD or write it into ~/.pgpass')
  return E.right({ log })
}

const parseObject = (text: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const readText = (path: string): string | undefined => {
  if (lstatSync(path).isSymbolicLink()) return undefined
  // Without O_NONBLOCK, opening a named pipe waits for a writer.
  return withDescriptor(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, fd => {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size > bytesMax) return undefined
    const bytes = Buffer.allocUnsafe(stats.size)
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0))
  })
}

/** True if there is a log in `dir` that has events and was not moved. */
export const hasOwnLog = (dir: string): boolean => {
  const path = join(dir, logFileName)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.isFile() && stats.size === 0)) return false
  return !(stats.isFile() && endsWithMove(path, stats.size))
}

/** An event that the log was moved is shorter. */
const tailBytes = 8 * 1024

/** True if the last complete line of a log says that it was moved to a server: one moved here has no id. */
const endsWithMove = (path: string, size: number): boolean =>
  withDescriptor(path, O_RDONLY | O_NONBLOCK, fd => {
    const bytes = Buffer.alloc(Math.min(size, tailBytes))
    readSync(fd, bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8').split('\n')
    const { event, log_id: logId } = parseObject(lines.at(-2) ?? '') ?? {}
    return event === 'moved' && logId !== undefined
  })
