import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'

/** Where the system looks where there is no PATH. */
const pathOfOld = '/usr/bin:/bin'

/**
 * Says why `command` cannot be run; undefined: it can. Looked for as the system does it: a word without a slash in the
 * folders of `searchPath`, anything else from `cwd` on; `cwd` undefined: the working directory was deleted.
 */
export const findCommand = (
  command: string,
  searchPath: string | undefined,
  cwd: string | undefined,
): string | undefined => {
  const found = commandPath(command, searchPath, cwd)
  return E.isLeft(found) ? found.left : undefined
}

/** The file that `command` names, by an absolute path; or why it cannot be run, as {@link findCommand} says it. */
export const commandPath = (
  command: string,
  searchPath: string | undefined,
  cwd: string | undefined,
): E.Either<string, string> => {
  if (command === '') return E.left('the command is an empty word')
  if (command.includes('/')) {
    const path = isAbsolute(command) ? command : cwd && resolve(cwd, command)
    if (path === undefined) return E.left(`${command} cannot be run: the working directory was deleted`)
    const obstacle = obstacleAt(path)
    return obstacle === undefined ? E.right(path) : E.left(`${command} cannot be run: ${obstacle}`)
  }
  let nearly: string | undefined
  for (const folder of (searchPath ?? pathOfOld).split(delimiter)) {
    if (cwd === undefined && !isAbsolute(folder)) continue
    const path = join(resolve(cwd ?? '/', folder), command)
    const obstacle = obstacleAt(path)
    if (obstacle === undefined) return E.right(path)
    // As for a shell, what cannot be run does not stand in the way of what can be, further on in PATH.
    if (obstacle !== absent) nearly ??= `${command} cannot be run: ${path}: ${obstacle}`
  }
  return E.left(nearly ?? `${command} cannot be run: there is no command of this name in PATH`)
}

const absent = 'there is no such file'

/** Why the file at `path` cannot be run; undefined: it can. */
const obstacleAt = (path: string): string | undefined => {
  try {
    const seen = statSync(path)
    if (seen.isDirectory()) return 'it is a directory'
    accessSync(path, constants.X_OK)
    return obstacleInFirstLine(path)
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent
    return code === 'EACCES' ? 'it is not executable for this user' : message
  }
}

/** As far as Linux reads a first line. */
const firstLineLength = 256

/** A script whose interpreter is missing starts as badly as one that is missing itself, and the system says the same of both. */
const obstacleInFirstLine = (path: string): string | undefined => {
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(firstLine(path)) ?? []
  if (interpreter === undefined || !isAbsolute(interpreter)) return undefined
  if (statSync(interpreter, { throwIfNoEntry: false }) !== undefined) return undefined
  if (interpreter.endsWith('\r')) return 'its first line ends in a carriage return, which is taken for part of a name'
  return `${interpreter}, which its first line names, does not exist`
}

const firstLine = (path: string): string => {
  // A program may be for running only, not for reading.
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(firstLineLength)
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
