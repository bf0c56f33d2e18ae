import { brokenPipeExitCode, type CliErrorCode, type ExitCode, exitCodes } from '@claimlog/wire'

type Codes = ReadonlyArray<CliErrorCode>

/** Errors of every command. */
const commonErrors: Codes = ['usage', 'io_failed', 'internal', 'interrupted']

/** Errors of every command that reads the log. */
const readErrors: Codes = [
  'no_workspace',
  'bad_input',
  'log_damaged',
  'history_changed',
  'unknown_format',
  'log_unreachable',
  'two_logs',
]

/** Errors of every command that writes to the log, in addition to those of reading it. */
const writeErrors: Codes = ['lock_timeout', 'outcome_unknown', 'workspace_moved']

/** The access to the log that a command needs. */
export type LogAccess = 'none' | 'read' | 'write'

const claimEndErrors: Codes = ['unknown_task', 'lease_lost', 'not_holder', 'not_claimed', 'task_finished', 'task_held']
const newTaskErrors: Codes = ['task_exists', 'unknown_task', 'needs_cycle']
const taskErrors: Codes = ['unknown_task']

/** The access of each command to the log, and the errors that only it and a few others return. */
const ownErrors: Readonly<Record<string, readonly [access: LogAccess, errors?: Codes]>> = {
  init: ['write', ['network_file_system']],
  add: ['write', newTaskErrors],
  import: ['write', [...newTaskErrors, 'kind_full']],
  claim: [
    'write',
    [
      ...(['no_ready_task', 'unknown_task', 'already_claimed', 'task_finished', 'task_held', 'task_blocked'] as const),
      ...(['not_due', 'attempts_used_up', 'kind_paused', 'kind_full', 'seq_conflict', 'wait_timeout'] as const),
    ],
  ],
  complete: ['write', claimEndErrors],
  fail: ['write', claimEndErrors],
  renew: ['write', [...claimEndErrors, 'kind_full']],
  release: ['write', claimEndErrors],
  hold: ['write', ['unknown_task', 'task_finished', 'already_claimed', 'attempts_used_up']],
  unhold: ['write', taskErrors],
  cancel: ['write', ['unknown_task', 'task_finished']],
  retry: ['write', ['unknown_task', 'already_claimed']],
  amend: ['write', ['unknown_task', 'already_claimed', 'attempts_used_up', 'needs_cycle']],
  note: ['write', taskErrors],
  pause: ['write'],
  resume: ['write'],
  limit: ['write'],
  wait: ['read', ['unknown_task', 'task_failed', 'task_cancelled', 'wait_timeout', 'workspace_moved']],
  work: ['write', ['no_ready_task', 'task_failed', 'task_cancelled']],
  mcp: ['write'],
  prime: ['read'],
  setup: ['none', ['bad_input', 'not_set_up']],
  list: ['read'],
  show: ['read', taskErrors],
  status: ['read'],
  why: ['read', taskErrors],
  trace: ['read', taskErrors],
  diff: ['read'],
  replay: ['read', ['queue_differs', 'checkpoint_differs']],
  verify: ['read'],
  doctor: ['read'],
  repair: ['write'],
  reconcile: ['write'],
  tail: ['read'],
  export: ['read'],
  metrics: ['read'],
  migrate: ['none'],
  move: ['write', ['network_file_system']],
  completion: ['none'],
  help: ['none'],
}

/** The access of a command to the log. */
export const findLogAccess = (command: string): LogAccess => ownErrors[command]?.[0] ?? 'none'

/** All errors that a command can return; `isIdempotent`: it takes a request id. */
const listErrors = (command: string, isIdempotent: boolean): Codes => {
  const [access, own = []] = ownErrors[command] ?? ['none']
  return [
    ...commonErrors,
    ...(access === 'none' ? [] : readErrors),
    ...(access === 'write' ? writeErrors : []),
    ...(isIdempotent ? (['request_reused'] as const) : []),
    ...own,
  ]
}

/** The exit codes of a command in ascending order, each with the errors behind it. */
export const listExitCodes = (
  command: string,
  isIdempotent: boolean,
): ReadonlyArray<{ readonly exit: ExitCode; readonly errors: Codes }> => {
  const errors = listErrors(command, isIdempotent)
  const codes = new Set<ExitCode>([0, ...errors.map(error => exitCodes[error])])
  if (command === 'work') codes.add(brokenPipeExitCode)
  return [...codes]
    .sort((a, b) => a - b)
    .map(exit => ({ exit, errors: errors.filter(error => exitCodes[error] === exit) }))
}
