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
import type { SetUpFile } from '@claimlog/wire'

/** A file of the project as it is and as it shall be; undefined: there is none. */
export type PlannedFile = {
  /** From the project's folder. */
  readonly path: string
  /** Where its bytes are: a link is followed. */
  readonly target: string
  readonly before: string | undefined
  readonly after: string | undefined
  /** Set-up made the file and nothing else is in it, but git tracks it or a link leads to it: so it stays. */
  readonly isLeftEmpty: boolean
  /** What stands in it where set-up writes, and is a person's own. */
  readonly own: ReadonlyArray<OwnEntry>
  /** The permissions and the owner of the file that is there. */
  readonly access: Access | undefined
}

type Access = Pick<Stats, 'mode' | 'uid' | 'gid'>

export const stateOf = ({ before, after }: PlannedFile): SetUpFile['state'] => {
  if (before === after) return 'unchanged'
  if (before === undefined) return 'created'
  return after === undefined ? 'removed' : 'updated'
}

/** A mark at the start of a text that says it is UTF-8; it is kept, and no part of what is edited. */
const byteOrderMark = '\ufeff'

/** What an edit makes of a file; undefined: there is none, and none is made. */
export type Edited = Removed & { readonly own: ReadonlyArray<OwnEntry> }

type Edit = (text: string | undefined) => E.Either<string, Edited | undefined>

/** The file at `path` in `project` as `edit` has it. Nothing is written. */
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
  // A link to a file is somebody's: it is not left to lead nowhere. What git tracks, others have a part in.
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

/** Whether all that would be changed may be; nothing is tried. What is read-only is so for root, too. */
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
    if (!stats.isDirectory()) return `${folder} is no folder`
    if (isReadOnly(stats)) return `${folder} is read-only`
    accessSync(folder, constants.W_OK)
    if (access === undefined) return undefined
    if (isReadOnly(access)) return 'it is read-only'
    const user = process.geteuid?.()
    // A file is replaced by another one, which only root can give away.
    if (user !== 0 && user !== access.uid) return `it belongs to uid ${access.uid}, and would belong to uid ${user}`
    accessSync(target, constants.W_OK)
    return undefined
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const isReadOnly = ({ mode }: Pick<Stats, 'mode'>): boolean => (mode & 0o222) === 0

/** More than any file that people edit. */
const maxBytes = 8 * 1024 * 1024

/** A file as it is, and whether its name is that of a link. */
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
    // Also a link that leads nowhere ends here.
    const target = realpathSync(place)
    if (!isIn(target, root)) return cannot(path, `it is a link to ${target}, which is outside of this project`)
    const stats = statSync(target)
    if (!stats.isFile()) return cannot(path, 'it is no file')
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
  mend: `put ${path} right, then run the same again`,
})

const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** The folder itself, or the first above it that there is. */
const nearestFolder = (folder: string): string =>
  statOf(folder) === undefined ? nearestFolder(dirname(folder)) : folder

const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep)
