import { readFileSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import type { ImportedTask } from '@claimlog/domain'
import { type ImportOptions, type ImportedFile, readImport } from '../src/read-import.ts'

/** Reads a sample file of another tool. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/import/${name}`, import.meta.url), 'utf8')

/** Reads a file that must be readable. */
export const readValid = (text: string, options?: ImportOptions): ImportedFile => {
  const read = readImport(text, options)
  if (E.isLeft(read)) throw new Error(read.left)
  return read.right
}

/** The tasks in a file. */
export const readTasks = (text: string, options?: ImportOptions): ReadonlyArray<ImportedTask> =>
  readValid(text, options).tasks

/** The warnings about a file, without the reasons: type, name, count and examples. */
export const readWarnings = (text: string, options?: ImportOptions): ReadonlyArray<unknown> =>
  readValid(text, options).warnings.map(({ what, name, count, examples }) => [what, name, count, examples])

/** The error of a file that cannot be read. */
export const readError = (text: string, options?: ImportOptions): string => {
  const read = readImport(text, options)
  return E.isLeft(read) ? read.left : 'it was read'
}
