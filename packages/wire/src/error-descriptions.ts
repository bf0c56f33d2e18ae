import type { CliErrorCode } from './error-codes.ts'
import type { DescribedField } from './error-fields.ts'

/** An error code for the reference: its meaning, what to do, and the fields that its document has in addition. */
type ErrorDescription = {
  readonly means: string
  readonly fix: string
  /** Any of them can be absent. */
  readonly fields?: ReadonlyArray<DescribedField>
}

const waitingFields = ['kinds', 'paused', 'full', 'next_at', 'waiting', 'more_waiting', 'tasks'] as const
const lineFields = ['path', 'line', 'offset'] as const

/** The meaning of each error code. Exhaustive: an error code without one does not compile. */
export const errorDescriptions: Readonly<Record<CliErrorCode, ErrorDescription>> = {
  io_failed: {
    means: 'a system call failed; nothing was written',
    fix: 'remove the cause that the message names, such as a full disk or missing permissions, and try again',
    fields: ['path', 'operation', 'code', 'tries', 'closed', 'uid', 'mode'],
  },
  outcome_unknown: {
    means: 'the events were written, but the disk did not confirm them, or a server did not answer',
    fix: 'check the disk or the server, then look at the task; repeat the command with the same request id',
    fields: ['path', 'operation'],
  },
  log_unreachable: {
    means: 'the server of the log did not answer in time, or does not accept this user; nothing was written',
    fix: 'check the server, the network and the credentials with claimlog doctor, then try again',
    fields: ['path', 'code', 'waited_ms'],
  },
  workspace_moved: {
    means: 'the log was moved and accepts no more events',
    fix: 'use the log that it was moved to, with --log or CLAIMLOG_LOG',
    fields: ['path', 'target'],
  },
  internal: { means: 'a bug in claimlog', fix: 'report it with the output on stderr' },
  closed: {
    means: 'a program called a queue of the library after it was closed',
    fix: 'open the queue again, or await pending calls before you close it',
  },
  usage: {
    means: 'the command line, or a call of the library, is not valid',
    fix: 'follow the hint; claimlog help <command> begins with examples',
  },
  no_workspace: {
    means: 'no workspace was found, or the nearest one cannot be used',
    fix: 'create one with claimlog init, or name one with --dir or CLAIMLOG_DIR',
    fields: ['path', 'main_checkout', 'uid', 'mode'],
  },
  bad_input: {
    means: 'a name, a value or a file is not valid; nothing was written, not even part of a batch',
    fix: 'correct the input that the message names',
    fields: ['bytes', 'max_bytes', 'path', 'log'],
  },
  network_file_system: {
    means: 'the directory is on a file system that other machines share',
    fix: 'choose a directory on a local disk',
    fields: ['path', 'file_system'],
  },
  two_logs: {
    means: 'a directory has a log itself, and its config.json leads to another one',
    fix: 'run an interrupted claimlog move again; otherwise move away the one that is not meant: events.jsonl, or config.json',
    fields: ['path', 'config_path', 'log'],
  },
  no_ready_task: {
    means: 'no task of these kinds can be claimed now',
    fix: 'wait with --wait, or see why with claimlog why <task_id>',
    fields: waitingFields,
  },
  lease_lost: {
    means: 'the lease expired and another worker has claimed the task since',
    fix: 'stop the work: another worker does it',
    fields: ['task_id', 'holder'],
  },
  not_holder: {
    means: 'the task is claimed by another worker, or under another token',
    fix: 'use the worker and the token that claim returned',
    fields: ['task_id', 'claim'],
  },
  not_claimed: { means: 'the task is not claimed', fix: 'claim it first', fields: ['task_id'] },
  unknown_task: {
    means: 'there is no task with this id',
    fix: 'check the id with claimlog list, and the workspace with claimlog doctor',
    fields: ['task_id', 'needed_by'],
  },
  task_exists: {
    means: 'a task with this id exists and differs',
    fix: 'give the new task another id, or import with --keep-existing',
    fields: ['task_id', 'fields'],
  },
  task_finished: {
    means: 'the task is already done, failed or cancelled',
    fix: 'see its history with claimlog trace; make it ready again with claimlog retry',
    fields: ['task_id', 'status', 'worker'],
  },
  task_held: {
    means: 'the task is on hold',
    fix: 'remove the hold with claimlog unhold',
    fields: ['task_id', 'since', 'by', 'reason'],
  },
  task_blocked: {
    means: 'a dependency of the task is not done',
    fix: 'finish the dependencies, or remove them with claimlog amend',
    fields: ['task_id', 'needs'],
  },
  not_due: {
    means: 'the task is not due yet',
    fix: 'wait, or make it due with claimlog amend <task_id> --at now',
    fields: ['task_id', 'due_at'],
  },
  attempts_used_up: {
    means: 'the task has no attempts left',
    fix: 'make it ready again with claimlog retry',
    fields: ['task_id', 'attempts'],
  },
  kind_paused: {
    means: 'the kind is paused',
    fix: 'allow claims again with claimlog resume',
    fields: ['kind', 'seq', 'reason'],
  },
  kind_full: {
    means: 'as many tasks of the kind are claimed as its limit allows',
    fix: 'wait, or change the limit with claimlog limit',
    fields: ['kind', 'limit'],
  },
  already_claimed: {
    means: 'another worker has claimed the task',
    fix: 'claim another task, or wait',
    fields: ['task_id', 'needs', 'claim'],
  },
  needs_cycle: {
    means: 'the dependencies would form a cycle',
    fix: 'remove one of the dependencies',
    fields: [['path', 'the tasks of the cycle']],
  },
  request_reused: {
    means: 'the request id was used for a different command',
    fix: 'use a separate id for each command',
    fields: ['request_id', 'seq'],
  },
  seq_conflict: {
    means: 'the log does not end at the expected seq',
    fix: 'see what changed with claimlog diff <seq>, then try again',
    fields: ['expected_seq', ['seq', 'the seq at which it ends']],
  },
  queue_differs: {
    means: 'queue.json does not match the log',
    fix: 'rebuild it with claimlog replay',
  },
  checkpoint_differs: {
    means: 'the checkpoint does not match the log, or is damaged',
    fix: 'delete derived/; the next command builds it again',
  },
  not_set_up: {
    means: 'the configuration of an agent is missing or differs',
    fix: 'write it with claimlog setup <agent>',
    fields: ['agent', 'files'],
  },
  log_damaged: {
    means: 'a line of events.jsonl is not what was written; nothing was changed',
    fix: 'copy the directory, then see what is damaged with claimlog doctor and claimlog repair',
    fields: [...lineFields, 'cause'],
  },
  history_changed: {
    means: 'the log no longer contains what this process had read',
    fix: 'start the process again; if the log went back, find the newer copy and use claimlog reconcile',
    fields: lineFields,
  },
  unknown_format: {
    means: 'a newer version of claimlog wrote the line',
    fix: 'install that version',
    fields: lineFields,
  },
  lock_timeout: {
    means: 'other processes had the lock on the log until the time was up; nothing was written',
    fix: 'continue or stop the process that the message names, or wait longer with --lock-timeout',
    fields: ['path', 'waited_ms', 'holder_pid', 'holders', 'changed_hands'],
  },
  wait_timeout: {
    means: 'the wait ended before the tasks were finished, or before a task was ready',
    fix: 'see what blocks them with claimlog why <task_id>',
    fields: ['waited_ms', 'open', 'task_ids', ...waitingFields],
  },
  task_failed: {
    means: 'a task that was waited for, or run by claimlog work, has failed with no attempts left',
    fix: 'see its attempts with claimlog trace <task_id>',
    fields: ['task_id', ['tasks', 'all tasks that were waited for']],
  },
  task_cancelled: {
    means: 'a task that was waited for, or run by claimlog work, was cancelled',
    fix: 'see its history with claimlog trace <task_id>',
    fields: ['task_id', ['tasks', 'all tasks that were waited for']],
  },
  interrupted: { means: 'Ctrl-C, or an aborted signal; nothing was changed', fix: 'run the command again' },
}
