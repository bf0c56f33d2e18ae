import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { CliError } from '../problem.ts'
import { mayBeWritten, type PlannedFile, stateOf } from './planned-file.ts'

/**
 * Brings files to where they are planned to be. Each is written beside its place first, and only when all are there do
 * they take their places; a file keeps its permissions. One that is not to be goes, and folders that it leaves empty.
 */
export const writeFiles = (project: string, files: ReadonlyArray<PlannedFile>): E.Either<CliError, undefined> => {
  const changing = files.filter(file => stateOf(file) !== 'unchanged')
  for (const file of changing) {
    const allowed = mayBeWritten(file)
    if (E.isLeft(allowed)) return allowed
  }
  const staged: Array<{ readonly file: PlannedFile; readonly temporary: string }> = []
  let at = changing[0]
  try {
    for (const file of changing) {
      at = file
      if (file.after !== undefined) staged.push({ file, temporary: stage(file, file.after) })
    }
    for (const { file, temporary } of staged) {
      at = file
      renameSync(temporary, file.target)
    }
    for (const file of changing) {
      at = file
      if (file.after === undefined) rmSync(file.target)
    }
  } catch (thrown) {
    for (const { temporary } of staged) rmSync(temporary, { force: true })
    // The folders that were made for what is not there now.
    for (const { target, before } of changing) if (before === undefined) removeEmpty(dirname(target), project)
    return E.left({ usage: 'file_not_written', path: at?.path ?? '', detail: (thrown as Error).message })
  }
  for (const file of changing) if (file.after === undefined) removeEmpty(dirname(join(project, file.path)), project)
  return E.right(undefined)
}

const stage = ({ target, mode }: PlannedFile, text: string): string => {
  mkdirSync(dirname(target), { recursive: true })
  const temporary = join(dirname(target), `.claimlog-${process.pid}-${globalThis.crypto.randomUUID()}.tmp`)
  const fd = openSync(temporary, 'wx', mode)
  try {
    // What is asked for at opening is less what the process masks.
    if (mode !== undefined) fchmodSync(fd, mode)
    const bytes = Buffer.from(text)
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written)
    fsyncSync(fd)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  } finally {
    closeSync(fd)
  }
  return temporary
}

/** Removes a folder of the project and those around it, as long as nothing is in them. */
const removeEmpty = (folder: string, project: string): void => {
  if (relative(project, folder) === '' || relative(project, folder).startsWith('..')) return
  try {
    rmdirSync(folder)
  } catch {
    return
  }
  removeEmpty(dirname(folder), project)
}
