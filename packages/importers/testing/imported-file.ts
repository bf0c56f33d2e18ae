import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import type { ImportedTask } from '@claimlog/domain'
import { type ImportOptions, type ImportRead, readImport } from '../src/read-import.ts'

/** A sample file of another tool. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/import/${name}`, import.meta.url), 'utf8')

/** What was read from a file that can be. */
export const readOf = (text: string, options?: ImportOptions): ImportRead => {
  const read = readImport(text, options)
  if (E.isLeft(read)) throw new Error(read.left)
  return read.right
}

/** The tasks in a file. */
export const tasksOf = (text: string, options?: ImportOptions): ReadonlyArray<ImportedTask> =>
  readOf(text, options).tasks

/** What was left out of a file, without the reasons: what it is, its name, how often, and where. */
export const leftOutOf = (text: string, options?: ImportOptions): ReadonlyArray<unknown> =>
  readOf(text, options).leftOut.map(({ what, name, count, examples }) => [what, name, count, examples])

/** What is wrong with a file, in words. */
export const problemOf = (text: string, options?: ImportOptions): string => {
  const read = readImport(text, options)
  return E.isLeft(read) ? read.left : 'it was read'
}
