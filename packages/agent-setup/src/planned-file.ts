import { isUtf8 } from 'node:buffer'
import { accessSync, constants, lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isTracked } from '@claimlog/discovery'
import type { SetupProblem } from './setup-problem.ts'
import type { OwnEntry, Removed } from './agent.ts'
import { isLinkedTo } from './instruction-home.ts'
import { readAtMost } from './read-at-most.ts'
import type { SetupFile } from '@claimlog/wire'

/** A file of the project before and after the edits; undefined: it does not exist. */
export type PlannedFile = {
  /** Relative to the project folder. */
  readonly path: string
  /** The path of the file itself, with links resolved. */
  readonly target: string
  readonly before: string | undefined
  readonly after: string | undefined
  /** Setup created the file and it is empty now, but it is kept: git tracks it or a link points to it. */
  readonly isLeftEmpty: boolean
  /** The user's entries that setup would write. */
  readonly own: ReadonlyArray<OwnEntry>
  /** The permissions and the owner of the existing file. */
  readonly access: Access | undefined
}

type Access = Pick<Stats, 'mode' | 'uid' | 'gid'>

export const stateOf = ({ before, after }: PlannedFile): SetupFile['state'] => {
  if (before === after) return 'unchanged'
  if (before === undefined) return 'created'
  return after === undefined ? 'removed' : 'updated'
}

/** Kept in the file, but not passed to edits. */
const byteOrderMark = '\ufeff'

/** The result of the edits of a file; undefined: there is no file, and none is created. */
export type Edited = Removed & { readonly own: ReadonlyArray<OwnEntry> }

type Edit = (text: string | undefined) => E.Either<string, Edited | undefined>

/** Computes the edited file at `path` in `project`. Writes nothing. */
export const planFile = (project: string, path: string, edit: Edit): E.Either<SetupProblem, PlannedFile> =>
  pipe(
    find(project, path),
    E.chain(found => editFound(found, path, edit)),
    E.map(edited => asPlanned(project, path, edited)),
  )

type EditedFile = Found & { readonly edited: Edited | undefined; readonly after: string | undefined }

const editFound = (found: Found, path: string, edit: Edit): E.Either<SetupProblem, EditedFile> => {
  const mark = found.before?.startsWith(byteOrderMark) === true ? byteOrderMark : ''
  return pipe(
    edit(found.before?.slice(mark.length)),
    E.map(edited => ({ ...found, edited, after: edited && mark + edited.text })),
    E.mapLeft(why => problemWith(path, why)),
  )
}

const asPlanned = (
  project: string,
  path: string,
  { target, before, after, access, isLink, edited }: EditedFile,
): PlannedFile => {
  const isOwnFile = edited?.isOwnFile === true
  // Deleting the file would break a link of the user, or delete a file that others get from git.
  const isLeftEmpty = isOwnFile && (isLink || isLinkedTo(project, target) || isTracked(target))
  return {
    path,
    target,
    before,
    after: isOwnFile && !isLeftEmpty ? undefined : after,
    isLeftEmpty,
    own: edited?.own ?? [],
    access,
  }
}

/** Checks the permissions for a change without writing. A read-only file is respected for root, too. */
export const mayBeWritten = (file: PlannedFile): E.Either<SetupProblem, undefined> => {
  if (stateOf(file) === 'unchanged') return E.right(undefined)
  const folder = nearestFolder(dirname(file.target))
  const why = whyNotWritten(folder, file)
  return why === undefined
    ? E.right(undefined)
    : E.left({ usage: 'file_not_written', path: file.path, detail: `${why}; nothing was changed` })
}

const whyNotWritten = (folder: string, { target, access }: PlannedFile): string | undefined => {
  try {
    const stats = statSync(folder)
    if (!stats.isDirectory()) return `${folder} is not a directory`
    if (isReadOnly(stats)) return `${folder} is read-only`
    accessSync(folder, constants.W_OK)
    if (access === undefined) return undefined
    if (isReadOnly(access)) return 'it is read-only'
    const user = process.geteuid?.()
    // The file is replaced by a new one, whose owner only root can change.
    if (user !== 0 && user !== access.uid) return `it belongs to uid ${access.uid}, and would belong to uid ${user}`
    accessSync(target, constants.W_OK)
    return undefined
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const isReadOnly = ({ mode }: Pick<Stats, 'mode'>): boolean => (mode & 0o222) === 0

/** Larger than any file that people edit. */
const maxBytes = 8 * 1024 * 1024

/** A file before its edits; `isLink`: its path is a symbolic link. */
type Found = Pick<PlannedFile, 'target' | 'before' | 'access'> & { readonly isLink: boolean }

const find = (project: string, path: string): E.Either<SetupProblem, Found> => {
  const place = join(project, path)
  try {
    const root = realpathSync(project)
    const there = statOf(place)
    if (there === undefined) {
      const folder = realpathSync(nearestFolder(dirname(place)))
      return isIn(folder, root)
        ? E.right({ target: place, before: undefined, access: undefined, isLink: false })
        : cannot(path, `it would be in ${folder}, which is outside of this project`)
    }
    // A broken link fails here, too.
    const target = realpathSync(place)
    if (!isIn(target, root)) return cannot(path, `it is a link to ${target}, which is outside of this project`)
    const stats = statSync(target)
    if (!stats.isFile()) return cannot(path, 'it is not a regular file')
    const bytes = readAtMost(target, maxBytes + 1)
    if (bytes.length > maxBytes) return cannot(path, 'it is larger than 8 MiB')
    if (!isUtf8(bytes)) return cannot(path, 'it is not UTF-8')
    return E.right({ target, before: bytes.toString(), access: stats, isLink: there.isSymbolicLink() })
  } catch (thrown) {
    return cannot(path, (thrown as Error).message)
  }
}

const cannot = (path: string, why: string): E.Either<SetupProblem, never> => E.left(problemWith(path, why))

const problemWith = (path: string, why: string): SetupProblem => ({
  usage: 'bad_input',
  detail: `${path} cannot be edited: ${why}; nothing was changed`,
  hint: `fix ${path}, then run the same command again`,
})

const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** The folder itself, or its nearest existing parent. */
const nearestFolder = (folder: string): string =>
  statOf(folder) === undefined ? nearestFolder(dirname(folder)) : folder

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep)
