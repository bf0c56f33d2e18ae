import type { DamageCause, LogFailure, NetworkFileSystem } from '@claimlog/event-log'
import { dirname } from 'node:path'
import type { SearchFailure } from '@claimlog/discovery'
import type { UnfinishedTasks, WaitFailure } from '@claimlog/workspace'
import type { WorkerFailed } from './worker-failure.ts'
import { nativeLockHint } from './native-lock-hint.ts'
import { type WrongUsage, wrongUsageMessage } from './wrong-usage.ts'
import { pluralize } from './pluralize.ts'
import { lockTimeoutMessage } from './lock-timeout-message.ts'
import { agentHints, hasMisspeltKind, refusalMessage } from './refusal-messages.ts'
import {
  accessDeniedMessage,
  notAWorkspaceMessage,
  noWorkingDirectoryMessage,
  noWorkspaceMessage,
} from './workspace-search-messages.ts'
import { shellQuote } from './shell-quote.ts'
import { type ErrorMessage, messageForAgents, messageForPeople, type AudienceMessage } from './error-message.ts'

/** Everything that can stop a command other than a refusal. */
export type Failure = LogFailure | NetworkFileSystem | SearchFailure | WaitFailure | WorkerFailed | WrongUsage
type FailureByTag<F extends Failure['failure']> = Extract<Failure, { failure: F }>

/** Describes a failure to a person. */
export const failureMessage = (failure: Failure): ErrorMessage => messageForPeople(buildMessage(failure))

/** Describes a failure to an agent; the hints name tools. */
export const failureMessageForAgents = (failure: Failure): ErrorMessage => messageForAgents(buildMessage(failure))

const buildMessage = <F extends Failure['failure']>(failure: FailureByTag<F>): AudienceMessage => {
  const build = messageBuilders[failure.failure]
  return build(failure)
}

const messageBuilders: { readonly [F in Failure['failure']]: (failure: FailureByTag<F>) => AudienceMessage } = {
  SeqConflict: ({ expectedSeq, actualSeq }) => ({
    error: 'seq_conflict',
    message: `the log ends at seq ${actualSeq}, not at ${expectedSeq}`,
    hint: 'check what was appended in between, then try again',
    data: { expectedSeq, seq: actualSeq },
  }),
  LockTimeout: failure => ({ ...lockTimeoutMessage(failure), agentHint: retryHintForAgents }),
  LogDamaged: ({ path, line, offset, detail, cause }) => ({
    error: 'log_damaged',
    message: `${path} is damaged at line ${line}, byte ${offset}: ${detail}`,
    hint: `nothing was changed; ${damageHint(cause)}`,
    data: { path, line, offset, cause },
  }),
  HistoryChanged: ({ path, line, offset, detail }) => ({
    error: 'history_changed',
    message: `${path} no longer contains what this process has read, up to line ${line}, byte ${offset}: ${detail}`,
    hint:
      'nothing was written; the log was restored or replaced while this process ran (by a backup, git stash or checkout): ' +
      'restore the newer log if you have it, or restart this process to continue from the file as it is; claimlog doctor shows more',
    data: { path, line, offset },
  }),
  Closed: () => ({
    error: 'closed',
    message: 'the queue was closed before this was decided; nothing was changed',
    hint: 'open the queue again, or wait for your calls to finish before you close it',
  }),
  UnknownFormat: ({ path, line, offset, detail }) => ({
    error: 'unknown_format',
    message: `${path}, line ${line}, byte ${offset}: ${detail}`,
    hint: 'a newer claimlog wrote this; install that version',
    data: { path, line, offset },
  }),
  NoLog: ({ path, wasOpen }) => ({
    error: 'no_workspace',
    message: wasOpen
      ? `${path} is gone: it was deleted or moved while this process had it open`
      : `there is no ${path}`,
    // A new log in its place would grant the same tokens again.
    hint: wasOpen
      ? 'nothing was changed; restore the log (git stash pop, a backup): claimlog init would start an empty queue'
      : `claimlog init ${shellQuote(dirname(path))} creates a workspace there; without --dir and CLAIMLOG_DIR the nearest ` +
        "one is used, in a linked git worktree the main checkout's",
    agentHint: agentHints.no_workspace,
    data: { path },
  }),
  NoWorkspace: failure => ({ ...noWorkspaceMessage(failure), agentHint: agentHints.no_workspace }),
  NotAWorkspace: failure => ({ ...notAWorkspaceMessage(failure), agentHint: agentHints.no_workspace }),
  AccessDenied: accessDeniedMessage,
  NoWorkingDirectory: failure => ({ ...noWorkingDirectoryMessage(failure), agentHint: agentHints.no_workspace }),
  IoFailed: ({ path, operation, code, detail, linkTarget }) => ({
    error: 'io_failed',
    message: `could not ${operation} ${path}: ${detail}${linkTarget === undefined ? '' : `, a symbolic link to ${linkTarget}`}`,
    hint: (linkTarget === undefined ? undefined : linkHint(path, linkTarget)) ?? ioHint(operation, code),
    data: { path, operation, code },
  }),
  OutcomeUnknown: ({ path, operation, detail }) => ({
    error: 'outcome_unknown',
    message: `${path} was written, but may not survive a power cut: ${operation} failed: ${detail}`,
    hint: 'check the disk, then claimlog show, before you try again',
    data: { path, operation },
  }),
  TooLarge: ({ bytes, maxBytes }) => ({
    error: 'bad_input',
    message: `the event would take ${bytes} bytes; a line has at most ${maxBytes}`,
    hint: 'put large data in a file and the name of the file in the payload or the result',
    agentHint: agentHints.bad_input,
    data: { bytes, maxBytes },
  }),
  NetworkFileSystem: ({ path, fileSystem }) => ({
    error: 'network_file_system',
    message: `${path} is on a network file system (${fileSystem}), whose locks and caches do not give the guarantees that claimlog needs`,
    hint: 'choose a directory on a local disk; --force uses this one anyway',
    data: { path, fileSystem },
  }),
  WaitTimeout: ({ waitedMs, still }) => {
    const { message, hint, data } = 'error' in still ? refusalMessage(still) : unfinishedTasksMessage(still)
    const isMisspelt = 'error' in still && hasMisspeltKind(still)
    return {
      error: 'wait_timeout',
      message: `${message}; waited ${waitedMs} ms`,
      hint,
      agentHint: isMisspelt ? undefined : 'call again to keep waiting; list_tasks shows the status of the tasks',
      data: { waitedMs, ...data },
    }
  },
  WorkerFailed: ({ operation, path, code, detail, hint, tries }) => ({
    error: 'io_failed',
    message: `could not ${operation} ${path}: ${detail}${tries === undefined ? '' : `; tried ${pluralize(tries, 'time')} in a row`}`,
    hint: `${hint}; no attempt was counted`,
    data: { path, operation, code, tries },
  }),
  WrongUsage: wrongUsageMessage,
  Aborted: () => ({
    error: 'interrupted',
    message: 'interrupted; nothing was changed',
    hint: 'try again',
    agentHint: retryHintForAgents,
  }),
}

const retryHintForAgents = 'call again; nothing was changed'

const unfinishedTasksMessage = ({ open, taskIds }: UnfinishedTasks): Omit<ErrorMessage, 'error'> => {
  const [first] = taskIds
  const taskList = taskIds.length === 0 ? '' : `: ${taskIds.join(', ')}${taskIds.length < open ? ' …' : ''}`
  return {
    message: `${pluralize(open, 'task')} ${open === 1 ? 'is' : 'are'} not finished${taskList}`,
    hint:
      first === undefined ? 'claimlog status shows them' : `claimlog why ${shellQuote(first)} shows what it waits for`,
    data: { open, taskIds },
  }
}

/** The hint for a damaged log, by the cause of the damage if it is known. */
export const damageHint = (cause: DamageCause | undefined): string => {
  switch (cause) {
    case 'conflict_markers':
    case 'merged_histories':
      return 'claimlog repair shows both sides, and how to continue with one, save the other and bring over its work'
    case 'line_endings':
      return 'claimlog repair shows how to restore the line endings; every event is kept'
    case 'pointer':
      return 'git lfs pull or git annex get fetches the log; then remove it from git: claimlog doctor shows how'
    case 'emptied':
      return 'restore the log from a backup, or from git if it was tracked; queue.json is unchanged and shows the last status of the tasks; claimlog import takes its open tasks into another workspace'
    case undefined:
      return 'make a copy of the directory, then run claimlog doctor and claimlog repair'
  }
}

/** The hint for a log that git-annex or DVC replaced by a symbolic link to `target`; undefined if neither did. */
export const linkHint = (path: string, target: string): string | undefined => {
  const log = shellQuote(path)
  if (/(?:^|\/)\.git\/annex\/objects\//.test(target))
    return `git-annex replaced it with a link into its store: git annex get ${log} fetches the log if it is missing, git annex unlock ${log} restores the file itself; then remove it from git: claimlog doctor shows how`
  if (/(?:^|\/)(?:\.dvc\/cache|files\/md5)\//.test(target))
    return `DVC replaced it with a link into its cache: dvc unprotect ${log} restores the file itself; then dvc remove ${shellQuote(`${path}.dvc`)} removes it from DVC`
  return undefined
}

const ioHint = (operation: string, code: string): string => {
  if (code === 'EACCES' && (operation === 'open' || operation === 'look at'))
    return 'you may not read it: ask its owner for access, or run claimlog as that user; claimlog doctor shows more'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'free some disk space and try again; nothing was changed'
    case 'EMFILE':
    case 'ENFILE':
      return 'close files or raise the limit of open files (ulimit -n), then try again; nothing was changed'
    case 'ENOMEM':
      return 'free some memory or raise the limit (ulimit -v), then try again; nothing was changed'
    case 'EFBIG':
      return 'raise the limit of file sizes (ulimit -f), then try again; nothing was changed'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may read this workspace but not write it: ask the owner of the directory for access; nothing was changed'
    case 'MODULE_NOT_FOUND':
    case 'ERR_DLOPEN_FAILED':
      return `${nativeLockHint}; claimlog doctor shows more`
    case 'ELOOP':
      return 'it is a symbolic link, and links inside a workspace are not followed: name the directory that has the file itself'
    case 'EINVAL':
    case 'EISDIR':
      return 'something else has the name of the log: check what it is, and move it out of the way'
    default:
      return 'check the disk and the path, then try again; nothing was changed'
  }
}
