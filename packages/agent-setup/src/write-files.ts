import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { SetupFailure } from './setup-failure.ts'
import { checkWritable, type FilePlan, fileState } from './file-plan.ts'

/**
 * Writes or deletes the planned files, all or none. All temporary files are written first and then renamed. A file
 * keeps its permissions and its owner. Folders that become empty are removed. If a step fails, the steps before it are
 * reverted.
 */
export const writeFiles = (project: string, files: ReadonlyArray<FilePlan>): E.Either<SetupFailure, undefined> => {
  const plansToWrite = files.filter(file => fileState(file) !== 'unchanged')
  return pipe(
    plansToWrite,
    E.traverseArray(checkWritable),
    E.chain(() => writeAll(project, plansToWrite)),
  )
}

const writeAll = (project: string, plansToWrite: ReadonlyArray<FilePlan>): E.Either<SetupFailure, undefined> => {
  const temporaryPaths = new Map<FilePlan, string>()
  const completedPlans: Array<FilePlan> = []
  let current = plansToWrite[0]
  try {
    for (const file of plansToWrite) {
      current = file
      if (file.after !== undefined) temporaryPaths.set(file, stage(file, file.after))
    }
    for (const file of plansToWrite) {
      current = file
      const temporary = temporaryPaths.get(file)
      if (readContent(file.target) !== file.before) throw new Error('it changed in the meantime')
      if (temporary === undefined) rmSync(file.target)
      else replace(file, temporary)
      completedPlans.push(file)
    }
  } catch (thrown) {
    for (const temporary of temporaryPaths.values()) rmSync(temporary, { force: true })
    const notRestored = completedPlans.filter(file => !tryRestore(file)).map(({ path }) => path)
    // Remove the folders that were created for new files.
    for (const { target, before } of plansToWrite) if (before === undefined) removeEmpty(dirname(target), project)
    const outcome = notRestored.length === 0 ? 'nothing was changed' : `${notRestored.join(', ')} could not be restored`
    const detail = `${(thrown as Error).message}; ${outcome}`
    return E.left({ usage: 'file_not_written', path: current?.path ?? '', detail })
  }
  for (const file of plansToWrite) if (file.after === undefined) removeEmpty(dirname(join(project, file.path)), project)
  return E.right(undefined)
}

/** undefined: there is no such file. */
const readContent = (path: string): string | undefined =>
  lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path, 'utf8')

/** Restores a file; false if that fails. */
const tryRestore = (file: FilePlan): boolean => {
  try {
    if (file.before === undefined) rmSync(file.target)
    else replace(file, stage(file, file.before))
    return true
  } catch {
    return false
  }
}

const replace = ({ target }: FilePlan, temporary: string): void => {
  try {
    renameSync(temporary, target)
  } catch (thrown) {
    rmSync(temporary, { force: true })
    throw thrown
  }
}

const stage = ({ target, access }: FilePlan, text: string): string => {
  mkdirSync(dirname(target), { recursive: true })
  const temporary = join(dirname(target), `.claimlog-${process.pid}-${globalThis.crypto.randomUUID()}.tmp`)
  const fd = openSync(temporary, 'wx', access && access.mode & 0o777)
  try {
    if (access !== undefined) {
      const { uid, gid } = fstatSync(fd)
      if (uid !== access.uid || gid !== access.gid) fchownSync(fd, access.uid, access.gid)
      // The mode at opening is reduced by the umask, and fchown clears the setuid and setgid bits.
      fchmodSync(fd, access.mode & 0o7777)
    }
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

/** Removes a folder of the project and its parents while they are empty. */
const removeEmpty = (folder: string, project: string): void => {
  if (relative(project, folder) === '' || relative(project, folder).startsWith('..')) return
  try {
    rmdirSync(folder)
  } catch {
    return
  }
  removeEmpty(dirname(folder), project)
}
