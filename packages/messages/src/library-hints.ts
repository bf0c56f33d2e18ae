import { basename, join } from 'node:path'
import type { Refusal, RefusalCode } from '@claimlog/domain'
import { defaultDirName, type NotAWorkspace, type NoWorkspace } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import type { Failure } from './failure-messages.ts'
import { exhaustedServerHint, isRemoteLog } from './log-hints.ts'
import { shellQuote } from './shell-quote.ts'
import { findMisspeltKind } from './waiting-message.ts'

/**
 * Hints for programs that use the library. They name methods and options of the queue; a command only if no method does
 * the same. Apart from the messages for people and agents, so that the command line does not load them.
 */
type RefusalHints = { readonly [W in RefusalCode]?: (refusal: Extract<Refusal, { error: W }>) => string | undefined }
type FailureHints = {
  readonly [F in Failure['failure']]?: (failure: Extract<Failure, { failure: F }>) => string | undefined
}

/** The hint for a program; undefined: the one for people names neither a command nor a flag that a method replaces. */
export const libraryHint = (failure: Refusal | Failure): string | undefined => {
  // The builder of a code or tag takes its refusal or failure, which the compiler cannot see here.
  const build = ('error' in failure ? refusalHints[failure.error] : failureHints[failure.failure]) as
    ((failure: Refusal | Failure) => string | undefined) | undefined
  return build?.(failure)
}

const quote = (text: string): string => JSON.stringify(text)

const selectAnother = 'dir or CLAIMLOG_DIR selects another workspace'

/** Codes of errors whose cause is the path. */
const pathErrorCodes: ReadonlySet<string> = new Set('EACCES EINVAL EISDIR ELOOP ENOENT ENOTDIR ENXIO EPERM'.split(' '))

const refusalHints: RefusalHints = {
  no_workspace: () => 'init() creates one',
  no_ready_task: ({ waiting }) => {
    if (findMisspeltKind(waiting) !== undefined) return undefined
    const [first] = waiting.tasks
    const { nextAt } = waiting
    const why = first === undefined ? '' : `queue.why(${quote(first.taskId)}) shows what blocks it`
    if (nextAt === undefined) return why || 'queue.list() shows the status of the tasks; queue.add() adds a new one'
    const waitHint = `the next task may be available at ${nextAt}; try again then, or with a longer wait`
    return why === '' ? waitHint : `${waitHint}; ${why}`
  },
  unknown_task: () => 'queue.list() shows all tasks; queue.add() adds a new one',
  task_exists: ({ taskId, imported }) =>
    `queue.show(${quote(taskId)}) shows it; ` +
    (imported === true ? 'keepExisting leaves it unchanged and imports the others' : 'give the new task another id'),
  task_finished: ({ taskId }) => `queue.trace(${quote(taskId)}) shows its history`,
  task_held: ({ taskId }) => `queue.unhold(${quote(taskId)}) makes it claimable again`,
  attempts_used_up: ({ taskId }) => `queue.trace(${quote(taskId)}) shows what happened`,
  kind_paused: ({ kind }) => `queue.resume(${quote(kind)}) allows claims again`,
  not_claimed: ({ taskId }) => `queue.claim({ worker, taskId: ${quote(taskId)} }) claims it`,
  not_holder: ({ taskId, claim, credentials }) =>
    claim.worker === credentials.worker
      ? undefined
      : `use the worker name and the token that claim returned; queue.show(${quote(taskId)}) shows more`,
  workspace_moved: ({ target }) => movedHint(target),
  seq_conflict: ({ expectedSeq, seq }) =>
    `${
      expectedSeq < seq
        ? `queue.diff({ seq: ${expectedSeq} }) shows what was appended in between`
        : 'check which workspace you have opened'
    }; try again with expectSeq ${seq}`,
}

const failureHints: FailureHints = {
  LockTimeout: ({ changedHands }) =>
    `open with a longer lockTimeoutMs, or ${changedHands ? 'start fewer processes at once' : 'check what that process is doing'}; nothing was changed`,
  LogDamaged: ({ cause }) =>
    cause === 'emptied'
      ? 'nothing was changed; restore the log from a backup, or from git if it was tracked; queue.json is unchanged and shows the last status of the tasks'
      : undefined,
  HistoryChanged: ({ path }) =>
    isRemoteLog(path)
      ? 'nothing was written; the server lost its last events, or its database was restored or replaced: claims that were answered may be granted again, so stop the workers, then open the queue again to continue'
      : 'nothing was written; the log was restored or replaced while this queue was open (by a backup, git stash or checkout): ' +
        'restore the newer log if you have it, or open the queue again to continue from the file as it is; claimlog doctor shows more',
  Unreachable: ({ code }) =>
    code === 'unsafe_login'
      ? 'it got no password; if you trust a server that config.json names, and it has no SCRAM, pass its URL as log'
      : /^(28|3D000$|42501$)/.test(code ?? '')
        ? undefined
        : `nothing was changed; ${exhaustedServerHint(code) ?? 'check the server and the network'}, then try again, or open with a longer lockTimeoutMs`,
  OutcomeUnknown: ({ isUsable }) =>
    isUsable === true
      ? 'check with queue.show() before you try again; with a requestId the same call can be made again safely'
      : 'check the disk; this queue writes no more: open it again, and check with queue.show() before you try again',
  Moved: ({ target }) => movedHint(target),
  UnknownFormat: () => 'a newer version wrote this; install that version',
  NoLog: ({ path, wasOpen }) =>
    isRemoteLog(path)
      ? `init({ log: ${quote(path)} }) creates it`
      : wasOpen === true
        ? 'nothing was changed; restore the log (git stash pop, a backup): init() would start an empty queue'
        : `init({ dir: ${quote(join(path, '..'))} }) creates a workspace there; without dir and CLAIMLOG_DIR the nearest ` +
          "one is used, in a linked git worktree the main checkout's",
  NoWorkspace: ({ main }) => noWorkspaceHint(main),
  NotAWorkspace: ({ path, cause }) => notAWorkspaceHint(path, cause),
  AccessDenied: ({ closed }) => `ask uid ${closed.uid} for access, or run this program as that user; ${selectAnother}`,
  TwoLogs: ({ path, configPath }) =>
    `move away the one that is not meant: ${path} or ${configPath}; the option log selects a log on a server`,
  LogOnServer: () => 'pass dir for a log in a directory',
  LogUrlUnusable: () => 'pass log like postgres://user@host/database?workspace=name',
  NoWorkingDirectory: () => 'change to an existing directory with process.chdir(), or pass an absolute path as dir',
  IoFailed: ({ operation, code, path }) => {
    // Apart from the log, the library reads only files to import.
    if (operation === 'read' && basename(path) !== logFileName && pathErrorCodes.has(code))
      return 'check the path, and that this program may read the file; nothing was imported'
    if (code === 'EACCES' && (operation === 'open' || operation === 'look at'))
      return 'you may not read it: ask its owner for access, or run this program as that user; claimlog doctor shows more'
    return code === 'MODULE_NOT_FOUND' || code === 'ERR_DLOPEN_FAILED'
      ? 'install the package again with its optional dependencies or, on a Node for which there is no prebuilt module, install python3, make and g++ and run npm rebuild fs-ext; claimlog doctor shows more'
      : undefined
  },
  NetworkFileSystem: () => 'choose a directory on a local disk; init({ dir, force: true }) uses this one anyway',
  WaitTimeout: ({ still }) => {
    if ('error' in still) return libraryHint(still)
    const [first] = still.taskIds
    return first === undefined ? 'queue.status() shows them' : `queue.why(${quote(first)}) shows what it waits for`
  },
}

const movedHint = (target: string | undefined): string =>
  target === undefined
    ? 'nothing was changed; open the log that it was moved to'
    : `nothing was changed; open({ ${isRemoteLog(target) ? 'log' : 'dir'}: ${quote(target)} }) opens the log that continues it`

const noWorkspaceHint = (main: NoWorkspace['main']): string => {
  if (main?._tag === 'found')
    return `init({ dir: ${quote(join(main.root, defaultDirName))} }) creates one that all worktrees share; ${selectAnother}`
  if (main?._tag === 'unknown')
    return (
      'select the workspace that all worktrees share with dir or CLAIMLOG_DIR; if the main checkout or this worktree ' +
      'was moved, run git worktree repair in the main checkout'
    )
  return `init() creates one in this directory; ${selectAnother}`
}

const notAWorkspaceHint = (path: string, cause: NotAWorkspace['cause']): string => {
  switch (cause) {
    case 'no_log':
      return `init({ dir: ${quote(path)} }) makes it a workspace; to use one in a parent directory, select it with dir or CLAIMLOG_DIR`
    case 'emptied':
      return `restore ${logFileName} from where it was moved to or from a backup (init() would start an empty one); ${selectAnother}`
    case 'not_fetched':
      return `dvc pull ${shellQuote(join(path, `${logFileName}.dvc`))} fetches it; a queue in use does not belong in DVC: dvc remove removes it; ${selectAnother}`
    case 'no_directory':
    case 'dangling_link':
    case 'link_cycle':
      return `check what it is and move it out of the way, or restore what should be there; ${selectAnother}`
  }
}
