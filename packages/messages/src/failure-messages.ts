import type { LogFailure, NetworkFileSystem } from '@claimlog/event-log'
import { dirname } from 'node:path'
import type { SearchFailure } from '@claimlog/discovery'
import type { UnfinishedTasks, WaitFailure } from '@claimlog/workspace'
import type { WorkerFailed } from './worker-failure.ts'
import {
  damageHint,
  describeLine,
  diskFullState,
  historyHint,
  ioHint,
  isRemoteLog,
  linkHint,
  unreachableHint,
} from './log-hints.ts'
import { type WrongUsage, wrongUsageMessage } from './wrong-usage.ts'
import { movedMessage } from './log-hints.ts'
import { pluralize } from './pluralize.ts'
import { lockTimeoutMessage } from './lock-timeout-message.ts'
import { agentHints, hasMisspeltKind, refusalMessage } from './refusal-messages.ts'
import {
  accessDeniedMessage,
  configUnusableMessage,
  logOnServerMessage,
  logUrlUnusableMessage,
  notAWorkspaceMessage,
  noWorkingDirectoryMessage,
  noWorkspaceMessage,
  twoLogsMessage,
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
    message: `${path} is damaged at ${describeLine(line, offset)}: ${detail}`,
    hint: `nothing was changed; ${damageHint(cause)}`,
    data: { path, line, offset, cause },
  }),
  HistoryChanged: ({ path, line, offset, detail }) => ({
    error: 'history_changed',
    message: `${path} no longer contains what this process has read, up to ${describeLine(line, offset)}: ${detail}`,
    hint: historyHint(path),
    data: { path, line, offset },
  }),
  Closed: () => ({
    error: 'closed',
    message: 'the queue was closed before this was decided; nothing was changed',
    hint: 'open the queue again, or wait for your calls to finish before you close it',
  }),
  UnknownFormat: ({ path, line, offset, detail }) => ({
    error: 'unknown_format',
    message: `${path}, ${describeLine(line, offset)}: ${detail}`,
    hint: 'a newer claimlog wrote this; install that version',
    data: { path, line, offset },
  }),
  NoLog: ({ path, wasOpen }) => ({
    error: 'no_workspace',
    message: wasOpen
      ? `${path} is gone: it was deleted or moved while this process had it open`
      : `there is no ${path}`,
    // A new log in its place would grant the same tokens again.
    hint: isRemoteLog(path)
      ? `claimlog init --log ${shellQuote(path)} creates it`
      : wasOpen
        ? 'nothing was changed; restore the log (git stash pop, a backup): claimlog init would start an empty queue'
        : `claimlog init ${shellQuote(dirname(path))} creates a workspace there; without --dir and CLAIMLOG_DIR the nearest ` +
          "one is used, in a linked git worktree the main checkout's",
    agentHint: agentHints.no_workspace,
    data: { path },
  }),
  NoWorkspace: failure => ({ ...noWorkspaceMessage(failure), agentHint: agentHints.no_workspace }),
  NotAWorkspace: failure => ({ ...notAWorkspaceMessage(failure), agentHint: agentHints.no_workspace }),
  AccessDenied: accessDeniedMessage,
  ConfigUnusable: configUnusableMessage,
  TwoLogs: twoLogsMessage,
  LogOnServer: logOnServerMessage,
  LogUrlUnusable: logUrlUnusableMessage,
  NoWorkingDirectory: failure => ({ ...noWorkingDirectoryMessage(failure), agentHint: agentHints.no_workspace }),
  IoFailed: ({ path, operation, code, detail, linkTarget }) => ({
    error: 'io_failed',
    message: `could not ${operation} ${path}: ${detail}${linkTarget === undefined ? '' : `, a symbolic link to ${linkTarget}`}`,
    hint: (linkTarget === undefined ? undefined : linkHint(path, linkTarget)) ?? ioHint(operation, code),
    data: { path, operation, code },
  }),
  OutcomeUnknown: ({ path, operation, detail, isUsable }) => ({
    error: 'outcome_unknown',
    ...(isUsable === true
      ? {
          message: `${path} did not answer, so this may have been done or not: ${detail}`,
          hint: 'check with claimlog show or claimlog trace before you try again; with --request-id the same command can be sent again safely',
          agentHint: 'check with show_task before you call again; a call with the same request_id is safe',
        }
      : {
          message: `${path} was written, but may not survive a power cut: ${operation} failed: ${detail}`,
          hint: 'check the disk, then claimlog show, before you try again',
        }),
    data: { path, operation },
  }),
  Unreachable: ({ path, code, detail, waitedMs }) => ({
    error: 'log_unreachable',
    message: `${path} ${code === diskFullState ? 'has no space on its disk' : 'cannot be reached'}: ${detail}; tried for ${Math.round(waitedMs)} ms`,
    hint: `nothing was changed; ${unreachableHint(code)}`,
    agentHint: retryHintForAgents,
    data: { path, code, waitedMs: Math.round(waitedMs) },
  }),
  Moved: ({ path, target }) => {
    const { data, ...message } = movedMessage(path, target)
    return { error: 'workspace_moved', ...message, data: { path, ...data } }
  },
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
