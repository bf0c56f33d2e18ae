import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import {
  type AccessDenied,
  defaultDirName,
  type NotAWorkspace,
  type NoWorkingDirectory,
  type NoWorkspace,
} from '@claimlog/discovery'
import { shellQuote } from './shell-quote.ts'
import type { Words } from './words.ts'

/** That there is no workspace, and how to get one: in a linked worktree the one that all worktrees share. */
export const noWorkspaceWords = ({ from, main }: NoWorkspace): Words => {
  const nowhere = `there is no claimlog workspace at or above ${from}`
  if (main?.main === 'found')
    return {
      error: 'no_workspace',
      message: `${nowhere}, nor in ${main.root}, the main checkout of this git worktree`,
      hint: `claimlog init ${shellQuote(join(main.root, defaultDirName))} makes one that all worktrees share; --dir DIR or CLAIMLOG_DIR name another`,
      data: { main_checkout: main.root },
    }
  if (main?.main === 'unknown')
    return {
      error: 'no_workspace',
      message: `${nowhere}, and the main checkout of this git worktree cannot be found from ${main.gitDir}`,
      hint:
        'name the workspace that all worktrees share with --dir DIR or CLAIMLOG_DIR; if the main checkout or this ' +
        'worktree was moved, git worktree repair, run in the main checkout, connects them again',
    }
  return {
    error: 'no_workspace',
    message: nowhere,
    hint: 'claimlog init makes one in this directory; --dir DIR or CLAIMLOG_DIR name another',
  }
}

/** What stands in the place of the nearest workspace. */
export const notAWorkspaceWords = ({ path, cause, uid, mode, named }: NotAWorkspace): Words => {
  const owned = `it ${ownedBy(uid, mode)}${named === true ? '' : ', and no workspace further up is taken for it'}`
  const another = '--dir DIR or CLAIMLOG_DIR name another workspace'
  const moveAway = `see what it is and move it out of the way, or bring back what it should be; ${another}`
  const causes: Readonly<Record<typeof cause, readonly [string, string]>> = {
    no_log: [
      `holds no ${logFileName} yet`,
      `claimlog init ${shellQuote(path)} makes it a workspace; to use one further up, name it with --dir DIR or CLAIMLOG_DIR`,
    ],
    emptied: [
      `has lost its ${logFileName}, though other files of a workspace are there`,
      `put ${logFileName} back from where it was moved to or from a backup (claimlog init would begin an empty one); ${another}`,
    ],
    not_fetched: [
      `holds the reference that DVC keeps of ${logFileName}, and not the log itself`,
      `dvc pull ${shellQuote(join(path, `${logFileName}.dvc`))} fetches it; a queue that lives is not for DVC: dvc remove takes it out; ${another}`,
    ],
    no_directory: ['is no directory', moveAway],
    dangling_link: ['is a symbolic link to something that does not exist', moveAway],
    link_cycle: ['is a symbolic link that leads in a circle', moveAway],
  }
  const [what, hint] = causes[cause]
  return { error: 'no_workspace', message: `${path} ${what}; ${owned}`, hint, data: { path, uid, mode: octal(mode) } }
}

/** What may not be looked into or read, and whom to ask. */
export const accessDeniedWords = ({ path, closed }: AccessDenied): Words => ({
  error: 'io_failed',
  message:
    `could not open ${path}: EACCES: ` +
    `${closed.path === path ? 'it' : closed.path} ${ownedBy(closed.uid, closed.mode)}`,
  hint: `ask uid ${closed.uid} for access, or run claimlog as that user; --dir DIR or CLAIMLOG_DIR name another workspace`,
  data: { path, operation: 'open', code: 'EACCES', closed: closed.path, uid: closed.uid, mode: octal(closed.mode) },
})

/** That there is no directory to start from. */
export const noWorkingDirectoryWords = ({ path }: NoWorkingDirectory): Words => ({
  error: 'no_workspace',
  message:
    'the working directory was deleted, and ' +
    (path === undefined ? 'nothing can be looked for from there' : `${path} is relative to it`),
  hint:
    'cd to a directory that is there; commands that need no more than a workspace take it by an absolute path, with ' +
    '--dir or CLAIMLOG_DIR',
})

const ownedBy = (uid: number, mode: number): string => `belongs to uid ${uid}, with mode ${octal(mode)}`

const octal = (mode: number): string => mode.toString(8).padStart(4, '0')
