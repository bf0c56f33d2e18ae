import { lstatSync, realpathSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { type Checkout, checkoutOf } from './checkout.ts'
import { ignoreFileName } from './ignore-file.ts'
import { commonDirOf } from './main-checkout.ts'
import { smallText } from './small-text.ts'

/**
 * Returns how git treats a log in `dir`, by the `.gitignore` there, one above it in the checkout, or `info/exclude`.
 * `missing`: none ignores it, and `dir` has none; `ineffective`: `dir` has one that does not. undefined: not in a
 * checkout. A person's `core.excludesFile` does not count, because it does not apply to others.
 */
export const ignoringOf = (dir: string): 'ignored' | 'missing' | 'ineffective' | undefined => {
  const checkout = checkoutOf(dir)
  if (checkout === undefined) return undefined
  if (isIgnored(checkout, join(realpathSync.native(dir), logFileName))) return 'ignored'
  const own = lstatSync(join(dir, ignoreFileName), { throwIfNoEntry: false })
  return own === undefined ? 'missing' : 'ineffective'
}

/** Like git: nothing in an ignored directory can be included again. */
const isIgnored = (checkout: Checkout, path: string): boolean => {
  const parts = relative(checkout.root, path).split(sep)
  return parts.some((_part, i) => verdictOn(checkout, parts.slice(0, i + 1), i < parts.length - 1) === true)
}

/** The decision for a path: the nearest file with a matching line decides, by its last one. */
const verdictOn = ({ root, gitDir }: Checkout, parts: ReadonlyArray<string>, isDirectory: boolean) => {
  for (let depth = parts.length - 1; depth >= 0; depth -= 1) {
    const path = join(root, ...parts.slice(0, depth), ignoreFileName)
    const said = lastWord(linesOf(path), parts.slice(depth).join('/'), isDirectory)
    if (said !== undefined) return said
  }
  return lastWord(linesOf(join(commonDirOf(gitDir), 'info', 'exclude')), parts.join('/'), isDirectory)
}

/** git does not follow a symbolic link to such a file. */
const linesOf = (path: string): ReadonlyArray<string> =>
  lstatSync(path, { throwIfNoEntry: false })?.isFile() === true ? (smallText(path) ?? '').split(/\r?\n/) : []

const lastWord = (lines: ReadonlyArray<string>, path: string, isDirectory: boolean): boolean | undefined => {
  const word = lines.findLast(line => matches(line.replace(/^!/, ''), path, isDirectory))
  return word === undefined ? undefined : !word.startsWith('!')
}

/** Matches a line like git, except for character classes and escapes, which no claimlog file name requires. */
const matches = (line: string, path: string, isDirectory: boolean): boolean => {
  const pattern = line.trimEnd()
  if (pattern === '' || /^#|[[\\]/.test(pattern) || (pattern.endsWith('/') && !isDirectory)) return false
  const body = pattern.replace(/\/$/, '')
  const wherever = body.includes('/') ? '' : '(?:.*/)?'
  const expression = body
    .replace(/^\//, '')
    .replace(/[.+^${}()|\]]/g, '\\$&')
    .replace(/\*\*\/|\/\*\*$|\*+|\?/g, wild => wildcards[wild] ?? '[^/]*')
  return new RegExp(`^${wherever}${expression}$`, 'u').test(path)
}

const wildcards: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '/**': '/.*', '?': '[^/]' }
