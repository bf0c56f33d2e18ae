import type { DamageCause, LogFailure, NetworkFileSystem } from '@claimlog/event-log'
import { dirname } from 'node:path'
import type { SearchFailure } from '@claimlog/discovery'
import type { StillOpen, WaitFailure } from '@claimlog/workspace'
import type { WorkerFailed } from './worker-failed.ts'
import { counted } from './counted.ts'
import { lockTimeoutWords } from './lock-timeout-words.ts'
import { agentHints, asksMisspeltKind, refusalWords } from './refusal-words.ts'
import { accessDeniedWords, notAWorkspaceWords, noWorkingDirectoryWords, noWorkspaceWords } from './search-words.ts'
import { shellQuote } from './shell-quote.ts'
import { type Words, wordsForAgents, wordsForPeople, type Wording } from './words.ts'

/** Whatever can come in between, which is no refusal. */
export type Failure = LogFailure | NetworkFileSystem | SearchFailure | WaitFailure | WorkerFailed
type FailureOf<F extends Failure['failure']> = Extract<Failure, { failure: F }>

/** Puts what came in between into words. */
export const failureWords = (failure: Failure): Words => wordsForPeople(wordingOf(failure))

/** The same for an agent, whose hints name tools. */
export const failureWordsForAgents = (failure: Failure): Words => wordsForAgents(wordingOf(failure))

const wordingOf = <F extends Failure['failure']>(failure: FailureOf<F>): Wording => {
  const wording = wordings[failure.failure]
  return wording(failure)
}

const wordings: { readonly [F in Failure['failure']]: (failure: FailureOf<F>) => Wording } = {
  SeqConflict: ({ expectedSeq, actualSeq }) => ({
    error: 'seq_conflict',
    message: `the log ends at seq ${actualSeq}, not at ${expectedSeq}`,
    hint: 'look at what came in between, and ask again',
    data: { expected_seq: expectedSeq, seq: actualSeq },
  }),
  LockTimeout: failure => ({ ...lockTimeoutWords(failure), agentHint: callAgain }),
  LogDamaged: ({ path, line, offset, detail, cause }) => ({
    error: 'log_damaged',
    message: `${path} is damaged at line ${line}, byte ${offset}: ${detail}`,
    hint: `nothing was changed; ${damageHint(cause)}`,
    data: { path, line, offset, cause },
  }),
  HistoryChanged: ({ path, line, offset, detail }) => ({
    error: 'history_changed',
    message: `${path} no longer holds what this process has read, up to line ${line}, byte ${offset}: ${detail}`,
    hint:
      'nothing was written; the log was put back or replaced while this process ran (a backup, git stash or checkout). ' +
      'Put the newer log back if you have it; to go on from the file as it is, start this process anew; claimlog doctor tells more',
    data: { path, line, offset },
  }),
  Closed: () => ({
    error: 'closed',
    message: 'the queue was closed before this was decided; nothing was changed',
    hint: 'open the queue again, or wait for your calls before you close it',
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
    // Another log in its place would give the same tokens again.
    hint: wasOpen
      ? 'nothing was changed; put the log back where it was (git stash pop, a backup): claimlog init would begin an empty queue'
      : `claimlog init ${shellQuote(dirname(path))} makes a workspace there; without --dir and CLAIMLOG_DIR the nearest ` +
        "one is found, in a linked git worktree the main checkout's",
    agentHint: agentHints.no_workspace,
    data: { path },
  }),
  NoWorkspace: failure => ({ ...noWorkspaceWords(failure), agentHint: agentHints.no_workspace }),
  NotAWorkspace: failure => ({ ...notAWorkspaceWords(failure), agentHint: agentHints.no_workspace }),
  AccessDenied: accessDeniedWords,
  NoWorkingDirectory: failure => ({ ...noWorkingDirectoryWords(failure), agentHint: agentHints.no_workspace }),
  IoFailed: ({ path, operation, code, detail, linkTo }) => ({
    error: 'io_failed',
    message: `could not ${operation} ${path}: ${detail}${linkTo === undefined ? '' : `, a symbolic link to ${linkTo}`}`,
    hint: (linkTo === undefined ? undefined : linkHint(path, linkTo)) ?? ioHint(operation, code),
    data: { path, operation, code },
  }),
  OutcomeUnknown: ({ path, operation, detail }) => ({
    error: 'outcome_unknown',
    message: `${path} was written, but whether it will last is not known: ${operation} failed: ${detail}`,
    hint: 'look at the disk, then at claimlog show, before you ask again',
    data: { path, operation },
  }),
  TooLarge: ({ bytes, maxBytes }) => ({
    error: 'bad_input',
    message: `the event would take ${bytes} bytes, and a line has at most ${maxBytes}`,
    hint: 'put large data in a file and its name in the payload or the result',
    agentHint: agentHints.bad_input,
    data: { bytes, max_bytes: maxBytes },
  }),
  NetworkFileSystem: ({ path, fileSystem }) => ({
    error: 'network_file_system',
    message: `${path} is on a network file system (${fileSystem}), whose locks and caches promise less than claimlog needs`,
    hint: 'choose a directory on a local disk; --force takes this one all the same',
    data: { path, file_system: fileSystem },
  }),
  WaitTimeout: ({ waitedMs, still }) => {
    const { message, hint, data } = 'error' in still ? refusalWords(still) : stillOpenWords(still)
    const isMisspelt = 'error' in still && asksMisspeltKind(still)
    return {
      error: 'wait_timeout',
      message: `${message}; ${waitedMs} ms were waited`,
      hint,
      agentHint: isMisspelt ? undefined : 'call again to wait on; list_tasks shows where the tasks stand',
      data: { waited_ms: waitedMs, ...data },
    }
  },
  WorkerFailed: ({ operation, path, code, detail, hint, tries }) => ({
    error: 'io_failed',
    message: `could not ${operation} ${path}: ${detail}${tries === undefined ? '' : `; tried ${counted(tries, 'time')} in a row`}`,
    hint: `${hint}; no attempt was counted`,
    data: { path, operation, code, tries },
  }),
  Aborted: () => ({
    error: 'interrupted',
    message: 'it was interrupted, and nothing was changed',
    hint: 'ask again',
    agentHint: callAgain,
  }),
}

const callAgain = 'call again; nothing was changed'

const stillOpenWords = ({ open, taskIds }: StillOpen): Omit<Words, 'error'> => {
  const [first] = taskIds
  const which = taskIds.length === 0 ? '' : `: ${taskIds.join(', ')}${taskIds.length < open ? ' …' : ''}`
  return {
    message: `${counted(open, 'task')} ${open === 1 ? 'is' : 'are'} not finished${which}`,
    hint:
      first === undefined ? 'claimlog status shows them' : `claimlog why ${shellQuote(first)} tells what it waits for`,
    data: { open, task_ids: taskIds },
  }
}

/** What to do about a log that is damaged, by what is known of how it came to be. */
export const damageHint = (cause: DamageCause | undefined): string => {
  switch (cause) {
    case 'conflict_markers':
    case 'merged_histories':
      return 'claimlog repair shows both sides and how to go on with one, keep the other, and bring its work over'
    case 'line_endings':
      return 'claimlog repair says how to put the line ends back, with every event kept'
    case 'pointer':
      return 'git lfs pull or git annex get fetches the log; then take it out of git, which claimlog doctor tells how to do'
    case 'emptied':
      return 'put the log back from a backup, or from git if it was tracked; queue.json is as it was and shows where the tasks stood; claimlog import takes its open tasks into another workspace'
    case undefined:
      return 'keep a copy of the directory, then see what claimlog doctor and claimlog repair say'
  }
}

/** What to do about a log that a tool which keeps large files elsewhere made a symbolic link to `target`; undefined: none did. */
export const linkHint = (path: string, target: string): string | undefined => {
  const log = shellQuote(path)
  if (/(?:^|\/)\.git\/annex\/objects\//.test(target))
    return `git-annex made it a link into its store: git annex get ${log} fetches the log if it is not here, git annex unlock ${log} puts the file itself there; then take it out of git, which claimlog doctor tells how to do`
  if (/(?:^|\/)(?:\.dvc\/cache|files\/md5)\//.test(target))
    return `DVC made it a link into its cache: dvc unprotect ${log} puts the file itself there; then dvc remove ${shellQuote(`${path}.dvc`)} takes it out of DVC`
  return undefined
}

const ioHint = (operation: string, code: string): string => {
  if (code === 'EACCES' && (operation === 'open' || operation === 'look at'))
    return 'you may not read it: ask whoever owns it, or run claimlog as that user; claimlog doctor tells more'
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'make room on the disk and ask again; nothing was changed'
    case 'EMFILE':
    case 'ENFILE':
      return 'close files or raise the limit of open files (ulimit -n), and ask again; nothing was changed'
    case 'ENOMEM':
      return 'end what else takes memory or raise the limit (ulimit -v), and ask again; nothing was changed'
    case 'EFBIG':
      return 'raise the limit of file sizes (ulimit -f), and ask again; nothing was changed'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'you may read this workspace but not write it: ask whoever owns the directory; nothing was changed'
    case 'MODULE_NOT_FOUND':
    case 'ERR_DLOPEN_FAILED':
      return 'the native module that takes the locks does not load on this Node: npm rebuild fs-ext builds it anew, npm rebuild -g --allow-scripts=fs-ext fs-ext where it is for everybody; claimlog doctor tells more'
    case 'ELOOP':
      return 'it is a symbolic link, which is not followed inside a workspace: name the directory that holds the file itself'
    case 'EINVAL':
    case 'EISDIR':
      return 'something else has the name of the log: see what it is, and move it out of the way'
    default:
      return 'look at the disk and the path, and ask again; nothing was changed'
  }
}
