import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import type { ImportedTask } from '@claimlog/domain'
import { type ImportOptions, type ImportRead, readImport } from '../src/read-import.ts'

/** Reads a sample file of another tool. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/import/${name}`, import.meta.url), 'utf8')

/** Reads a file that must be readable. */
export const readOf = (text: string, options?: ImportOptions): ImportRead => {
  const read = readImport(text, options)
  if (E.isLeft(read)) throw new Error(read.left)
  return read.right
}

/** The tasks in a file. */
export const tasksOf = (text: string, options?: ImportOptions): ReadonlyArray<ImportedTask> =>
  readOf(text, options).tasks

/** The warnings about a file, without the reasons: type, name, count and examples. */
export const leftOutOf = (text: string, options?: ImportOptions): ReadonlyArray<unknown> =>
  readOf(text, options).leftOut.map(({ what, name, count, examples }) => [what, name, count, examples])

/** The error of a file that cannot be read. */
export const problemOf = (text: string, options?: ImportOptions): string => {
  const read = readImport(text, options)
  return E.isLeft(read) ? read.left : 'it was read'
}
