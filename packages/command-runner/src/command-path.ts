import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'

/** The search path of the system if PATH is not set. */
const defaultSearchPath = '/usr/bin:/bin'

/**
 * Returns the reason why `command` cannot be run; undefined: it can. Resolves it like the system: a name without a
 * slash in the folders of `searchPath`, anything else from `cwd`. `cwd` undefined: the working directory was deleted.
 */
export const checkRunnable = (
  command: string,
  searchPath: string | undefined,
  cwd: string | undefined,
): string | undefined => {
  const path = resolveCommandPath(command, searchPath, cwd)
  return E.isLeft(path) ? path.left : undefined
}

/** Resolves `command` to an absolute path, like {@link checkRunnable}. Left: the reason why it cannot be run. */
export const resolveCommandPath = (
  command: string,
  searchPath: string | undefined,
  cwd: string | undefined,
): E.Either<string, string> => {
  if (command === '') return E.left('the command is empty')
  if (command.includes('/')) {
    const path = isAbsolute(command) ? command : cwd && resolve(cwd, command)
    if (path === undefined) return E.left(`${command} cannot be run: the working directory was deleted`)
    const obstacle = checkExecutable(path)
    return obstacle === undefined ? E.right(path) : E.left(`${command} cannot be run: ${obstacle}`)
  }
  let firstFailure: string | undefined
  for (const folder of (searchPath ?? defaultSearchPath).split(delimiter)) {
    if (cwd === undefined && !isAbsolute(folder)) continue
    const path = join(resolve(cwd ?? '/', folder), command)
    const obstacle = checkExecutable(path)
    if (obstacle === undefined) return E.right(path)
    // As in a shell, a file that cannot be run does not hide one in a later folder of PATH.
    if (obstacle !== notFound) firstFailure ??= `${command} cannot be run: ${path}: ${obstacle}`
  }
  return E.left(firstFailure ?? `${command} cannot be run: no such command in PATH`)
}

const notFound = 'no such file'

/** The reason why the file at `path` cannot be run; undefined: it can. */
const checkExecutable = (path: string): string | undefined => {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return 'it is a directory'
    accessSync(path, constants.X_OK)
    return checkInterpreter(path)
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return notFound
    return code === 'EACCES' ? 'it is not executable for this user' : message
  }
}

/** The length up to which Linux reads a first line. */
const firstLineBytesMax = 256

/** Checks the interpreter of a script: the system reports a missing one like a missing script. */
const checkInterpreter = (path: string): string | undefined => {
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(readFirstLine(path)) ?? []
  if (interpreter === undefined || !isAbsolute(interpreter)) return undefined
  if (statSync(interpreter, { throwIfNoEntry: false }) !== undefined) return undefined
  if (interpreter.endsWith('\r'))
    return 'its first line ends with CRLF; the carriage return becomes part of the interpreter name'
  return `its interpreter ${interpreter} does not exist`
}

const readFirstLine = (path: string): string => {
  // A program may be executable but not readable.
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(firstLineBytesMax)
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(fd)
    }
  } catch {
    return ''
  }
}
