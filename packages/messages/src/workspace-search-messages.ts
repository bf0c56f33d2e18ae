import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import {
  type AccessDenied,
  type ConfigUnusable,
  defaultDirName,
  type LogOnServer,
  type LogUrlUnusable,
  type NotAWorkspace,
  type NoWorkingDirectory,
  type NoWorkspace,
  type TwoLogs,
} from '@claimlog/discovery'
import { shellQuote } from './shell-quote.ts'
import type { ErrorMessage } from './error-message.ts'

/** Reports that no workspace was found, and how to get one: in a linked worktree, the one that all worktrees share. */
export const noWorkspaceMessage = ({ from, main }: NoWorkspace): ErrorMessage => {
  const notFound = `there is no claimlog workspace at or above ${from}`
  if (main?._tag === 'found')
    return {
      error: 'no_workspace',
      message: `${notFound}, nor in ${main.root}, the main checkout of this git worktree`,
      hint: `claimlog init ${shellQuote(join(main.root, defaultDirName))} creates one that all worktrees share; --dir DIR or CLAIMLOG_DIR selects another`,
      data: { mainCheckout: main.root },
    }
  if (main?._tag === 'unknown')
    return {
      error: 'no_workspace',
      message: `${notFound}, and the main checkout of this git worktree cannot be found from ${main.gitDir}`,
      hint:
        'select the workspace that all worktrees share with --dir DIR or CLAIMLOG_DIR; if the main checkout or this ' +
        'worktree was moved, run git worktree repair in the main checkout',
    }
  return {
    error: 'no_workspace',
    message: notFound,
    hint: 'claimlog init creates one in this directory; --dir DIR or CLAIMLOG_DIR selects another',
  }
}

/** Reports what was found where the nearest workspace should be. */
export const notAWorkspaceMessage = ({ path, cause, uid, mode, named }: NotAWorkspace): ErrorMessage => {
  const ownership = `it ${formatOwner(uid, mode)}${named === true ? '' : ', and no workspace in a parent directory is used instead'}`
  const selectAnother = '--dir DIR or CLAIMLOG_DIR selects another workspace'
  const moveAway = `check what it is and move it out of the way, or restore what should be there; ${selectAnother}`
  const causes: Readonly<Record<typeof cause, readonly [string, string]>> = {
    no_log: [
      `has no ${logFileName} yet`,
      `claimlog init ${shellQuote(path)} makes it a workspace; to use one in a parent directory, select it with --dir DIR or CLAIMLOG_DIR`,
    ],
    emptied: [
      `has no ${logFileName}, though other files of a workspace are there`,
      `restore ${logFileName} from where it was moved to or from a backup (claimlog init would start an empty one); ${selectAnother}`,
    ],
    not_fetched: [
      `has DVC's reference to ${logFileName}, but not the log itself`,
      `dvc pull ${shellQuote(join(path, `${logFileName}.dvc`))} fetches it; a queue in use does not belong in DVC: dvc remove removes it; ${selectAnother}`,
    ],
    no_directory: ['is not a directory', moveAway],
    dangling_link: ['is a symbolic link to something that does not exist', moveAway],
    link_cycle: ['is a symbolic link in a cycle of links', moveAway],
  }
  const [problem, hint] = causes[cause]
  return {
    error: 'no_workspace',
    message: `${path} ${problem}; ${ownership}`,
    hint,
    data: { path, uid, mode: formatMode(mode) },
  }
}

/** Reports which path may not be searched or read, and whom to ask for access. */
export const accessDeniedMessage = ({ path, closed }: AccessDenied): ErrorMessage => ({
  error: 'io_failed',
  message:
    `could not open ${path}: EACCES: ` +
    `${closed.path === path ? 'it' : closed.path} ${formatOwner(closed.uid, closed.mode)}`,
  hint: `ask uid ${closed.uid} for access, or run claimlog as that user; --dir DIR or CLAIMLOG_DIR selects another workspace`,
  data: {
    path,
    operation: 'open',
    code: 'EACCES',
    closed: closed.path,
    uid: closed.uid,
    mode: formatMode(closed.mode),
  },
})

/** Reports that there is no directory to start the search from. */
export const noWorkingDirectoryMessage = ({ path }: NoWorkingDirectory): ErrorMessage => ({
  error: 'no_workspace',
  message:
    'the working directory was deleted, ' +
    (path === undefined ? 'so no workspace can be found from it' : `and ${path} is relative to it`),
  hint:
    'cd to an existing directory; commands that need only a workspace accept an absolute path in ' +
    '--dir or CLAIMLOG_DIR',
})

/** Reports why a `config.json` does not lead to a log. */
export const configUnusableMessage = ({ path, detail }: ConfigUnusable): ErrorMessage => ({
  error: 'bad_input',
  message: `${path} cannot be used: ${detail}`,
  hint: 'correct it to {"log": "postgres://user@host/database?workspace=name"} or remove it; nothing was changed',
  data: { path },
})

/** Reports that a directory has two logs. Neither is chosen: each may have tasks that the other one lacks. */
export const twoLogsMessage = ({ path, configPath, url }: TwoLogs): ErrorMessage => ({
  error: 'two_logs',
  message: `${path} has events, and ${configPath} leads to ${url}: it is not clear which log is meant`,
  hint: `if a claimlog move into this directory was interrupted, run it again; otherwise move away the one that is not meant: ${shellQuote(path)} or ${shellQuote(configPath)}; --log URL selects a log on a server`,
  data: { path, configPath, log: url },
})

/** Reports that something works on the files of a log, and there are none. */
export const logOnServerMessage = ({ url }: LogOnServer): ErrorMessage => ({
  error: 'bad_input',
  message: `this works on the files of a log, and the log is on a server: ${url}`,
  hint: '--dir DIR selects a log in a directory, if CLAIMLOG_LOG is not set',
  data: { log: url },
})

/** Reports what is wrong with the URL of a log. The URL itself is not shown. */
export const logUrlUnusableMessage = ({ detail }: LogUrlUnusable): ErrorMessage => ({
  error: 'bad_input',
  message: detail,
  hint: 'write --log or CLAIMLOG_LOG like postgres://user@host/database?workspace=name; claimlog help environment shows more',
})

const formatOwner = (uid: number, mode: number): string => `belongs to uid ${uid}, with mode ${formatMode(mode)}`

const formatMode = (mode: number): string => mode.toString(8).padStart(4, '0')
