import { lstatSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { type Checkout, findCheckout } from './checkout.ts'
import { ignoreFileName } from './ignore-file.ts'
import { findCommonDir } from './main-checkout.ts'
import { readSmallText } from './read-small-text.ts'

/**
 * Returns how git treats a log in `dir`, by the `.gitignore` there, one above it in the checkout, or `info/exclude`.
 * `missing`: none ignores it, and `dir` has none; `ineffective`: `dir` has one that does not. undefined: not in a
 * checkout. A person's `core.excludesFile` does not count, because it does not apply to others.
 */
export const checkIgnored = (dir: string): 'ignored' | 'missing' | 'ineffective' | undefined => {
  const checkout = findCheckout(dir)
  if (checkout === undefined) return undefined
  if (isIgnored(checkout, join(realpathSync.native(dir), logFileName))) return 'ignored'
  const ownIgnoreFile = lstatSync(join(dir, ignoreFileName), { throwIfNoEntry: false })
  return ownIgnoreFile === undefined ? 'missing' : 'ineffective'
}

/** Like git: nothing in an ignored directory can be included again. */
const isIgnored = (checkout: Checkout, path: string): boolean => {
  const parts = relative(checkout.root, path).split(sep)
  return parts.some((_part, i) => findDecision(checkout, parts.slice(0, i + 1), i < parts.length - 1) === true)
}

/** The decision for a path: the nearest file with a matching line decides, by its last one. */
const findDecision = ({ root, gitDir }: Checkout, parts: ReadonlyArray<string>, isDirectory: boolean) => {
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    const path = join(root, ...parts.slice(0, depth), ignoreFileName)
    const decision = lastDecision(readLines(path), parts.slice(depth).join('/'), isDirectory)
    if (decision !== undefined) return decision
  }
  return lastDecision(readLines(join(findCommonDir(gitDir), 'info', 'exclude')), parts.join('/'), isDirectory)
}

/** git does not follow a symbolic link to such a file. */
const readLines = (path: string): ReadonlyArray<string> =>
  lstatSync(path, { throwIfNoEntry: false })?.isFile() === true ? (readSmallText(path) ?? '').split(/\r?\n/) : []

const lastDecision = (lines: ReadonlyArray<string>, path: string, isDirectory: boolean): boolean | undefined => {
  const decidingLine = lines.findLast(line => matches(line.replace(/^!/, ''), path, isDirectory))
  return decidingLine === undefined ? undefined : !decidingLine.startsWith('!')
}

/** Matches a line like git, except for character classes and escapes, which no claimlog file name requires. */
const matches = (line: string, path: string, isDirectory: boolean): boolean => {
  const pattern = line.trimEnd()
  if (pattern === '' || /^#|[[\\]/.test(pattern) || (pattern.endsWith('/') && !isDirectory)) return false
  const body = pattern.replace(/\/$/, '')
  const directoryPrefix = body.includes('/') ? '' : '(?:.*/)?'
  const expression = body
    .replace(/^\//, '')
    .replace(/[.+^${}()|\]]/g, '\\$&')
    .replace(/\*\*\/|\/\*\*$|\*+|\?/g, wild => wildcards[wild] ?? '[^/]*')
  return new RegExp(`^${directoryPrefix}${expression}$`, 'u').test(path)
}

const wildcards: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '/**': '/.*', '?': '[^/]' }
