import { isUtf8 } from 'node:buffer'
import { accessSync, constants, lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isTracked } from '@claimlog/discovery'
import type { SetupFailure } from './setup-failure.ts'
import type { UserEntry, RemovedEdit } from './agent.ts'
import { isLinkTarget } from './instruction-file.ts'
import { readPrefix } from './read-prefix.ts'
import type { SetupFile } from '@claimlog/wire'

/** A file of the project before and after the edits; undefined: it does not exist. */
export type FilePlan = {
  /** Relative to the project folder. */
  readonly path: string
  /** The path of the file itself, with links resolved. */
  readonly target: string
  readonly before: string | undefined
  readonly after: string | undefined
  /** Setup created the file and it is empty now, but it is kept: git tracks it or a link points to it. */
  readonly isKeptEmpty: boolean
  /** The user's entries that setup would write. */
  readonly userEntries: ReadonlyArray<UserEntry>
  /** The permissions and the owner of the existing file. */
  readonly access: Access | undefined
}

type Access = Pick<Stats, 'mode' | 'uid' | 'gid'>

export const fileState = ({ before, after }: FilePlan): SetupFile['state'] => {
  if (before === after) return 'unchanged'
  if (before === undefined) return 'created'
  return after === undefined ? 'removed' : 'updated'
}

/** Kept in the file, but not passed to edits. */
const byteOrderMark = '\ufeff'

/** The result of the edits of a file; undefined: there is no file, and none is created. */
export type EditedContent = RemovedEdit & { readonly userEntries: ReadonlyArray<UserEntry> }

type ContentEdit = (text: string | undefined) => E.Either<string, EditedContent | undefined>

/** Computes the edited file at `path` in `project`. Writes nothing. */
export const planFile = (project: string, path: string, edit: ContentEdit): E.Either<SetupFailure, FilePlan> =>
  pipe(
    findFile(project, path),
    E.chain(file => editFile(file, path, edit)),
    E.map(edited => toFilePlan(project, path, edited)),
  )

type EditedFile = FoundFile & { readonly edited: EditedContent | undefined; readonly after: string | undefined }

const editFile = (file: FoundFile, path: string, edit: ContentEdit): E.Either<SetupFailure, EditedFile> => {
  const mark = file.before?.startsWith(byteOrderMark) === true ? byteOrderMark : ''
  return pipe(
    edit(file.before?.slice(mark.length)),
    E.map(edited => ({ ...file, edited, after: edited && mark + edited.text })),
    E.mapLeft(reason => editFailure(path, reason)),
  )
}

const toFilePlan = (
  project: string,
  path: string,
  { target, before, after, access, isLink, edited }: EditedFile,
): FilePlan => {
  const isCreatedBySetup = edited?.isCreatedBySetup === true
  // Deleting the file would break a link of the user, or delete a file that others get from git.
  const isKeptEmpty = isCreatedBySetup && (isLink || isLinkTarget(project, target) || isTracked(target))
  return {
    path,
    target,
    before,
    after: isCreatedBySetup && !isKeptEmpty ? undefined : after,
    isKeptEmpty,
    userEntries: edited?.userEntries ?? [],
    access,
  }
}

/** Checks the permissions for a change without writing. A read-only file is respected for root, too. */
export const checkWritable = (file: FilePlan): E.Either<SetupFailure, undefined> => {
  if (fileState(file) === 'unchanged') return E.right(undefined)
  const folder = nearestFolder(dirname(file.target))
  const reason = notWritableReason(folder, file)
  return reason === undefined
    ? E.right(undefined)
    : E.left({ usage: 'file_not_written', path: file.path, detail: `${reason}; nothing was changed` })
}

const notWritableReason = (folder: string, { target, access }: FilePlan): string | undefined => {
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
const fileBytesMax = 8 * 1024 * 1024

/** A file before its edits; `isLink`: its path is a symbolic link. */
type FoundFile = Pick<FilePlan, 'target' | 'before' | 'access'> & { readonly isLink: boolean }

const findFile = (project: string, path: string): E.Either<SetupFailure, FoundFile> => {
  const fullPath = join(project, path)
  try {
    const root = realpathSync(project)
    const linkStats = statIfExists(fullPath)
    if (linkStats === undefined) {
      const folder = realpathSync(nearestFolder(dirname(fullPath)))
      return isInside(folder, root)
        ? E.right({ target: fullPath, before: undefined, access: undefined, isLink: false })
        : failEdit(path, `it would be in ${folder}, which is outside of this project`)
    }
    // A broken link fails here, too.
    const target = realpathSync(fullPath)
    if (!isInside(target, root)) return failEdit(path, `it is a link to ${target}, which is outside of this project`)
    const stats = statSync(target)
    if (!stats.isFile()) return failEdit(path, 'it is not a regular file')
    const bytes = readPrefix(target, fileBytesMax + 1)
    if (bytes.length > fileBytesMax) return failEdit(path, 'it is larger than 8 MiB')
    if (!isUtf8(bytes)) return failEdit(path, 'it is not UTF-8')
    return E.right({ target, before: bytes.toString(), access: stats, isLink: linkStats.isSymbolicLink() })
  } catch (thrown) {
    return failEdit(path, (thrown as Error).message)
  }
}

const failEdit = (path: string, reason: string): E.Either<SetupFailure, never> => E.left(editFailure(path, reason))

const editFailure = (path: string, reason: string): SetupFailure => ({
  usage: 'bad_input',
  detail: `${path} cannot be edited: ${reason}; nothing was changed`,
  hint: `fix ${path}, then run the same command again`,
})

const statIfExists = (path: string): Stats | undefined => {
  try {
    return lstatSync(path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** The folder itself, or its nearest existing parent. */
const nearestFolder = (folder: string): string =>
  statIfExists(folder) === undefined ? nearestFolder(dirname(folder)) : folder

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep)
