/** The fields of error documents, other than `ok`, `error`, `message` and `hint`. */
const usualFields = {
  agent: 'the agent',
  attempts: 'number of attempts so far',
  by: 'author of the command that is the cause',
  bytes: 'size of the event, in bytes',
  changed_hands: 'true if other processes wrote meanwhile, so that none kept the lock all the time',
  cause: 'known cause of the damage: conflict_markers, merged_histories, pointer, line_endings or emptied',
  claim: 'the current claim: worker, token, attempt, claimed_at, lease_until',
  closed: 'the path that may not be searched or read',
  code: "the name of the error: the system's, such as ENOSPC, or the server's",
  config_path: 'the config.json',
  due_at: 'when the task is due',
  expected_seq: 'the seq that the command expected',
  fields: 'fields in which the tasks differ',
  file_system: 'type of the file system',
  files: 'each file with its state',
  full: 'kinds at their limit',
  holder: 'the worker that has or had the later claim, with its token and lease_until',
  holder_pid: 'process that has the lock',
  holders: 'processes that were seen with the lock',
  kind: 'the kind',
  kinds: 'the requested kinds; empty: any',
  limit: 'the limit of the kind',
  line: 'number of the line, from 1',
  log: 'the URL of the log, without its password',
  main_checkout: 'the main checkout of the git worktree',
  max_bytes: 'largest possible size, in bytes',
  mode: 'permissions, as ls prints them',
  more_waiting: 'counts of the kinds that waiting leaves out',
  needed_by: 'the task that depends on it',
  needs: 'dependencies that are not done',
  next_at: 'when a task may become claimable without another event',
  offset: 'byte at which the line begins, in a file',
  open: 'number of tasks that are not finished',
  operation: 'the system call',
  path: 'the file or directory, or the URL of a log on a server',
  paused: 'kinds that are paused',
  reason: 'reason given with the command that is the cause',
  request_id: 'the request id',
  seq: 'seq of the event that is the cause',
  since: 'since when',
  status: 'status of the task',
  target: 'the log that continues this one',
  task_id: 'the task',
  task_ids: 'tasks that are not finished',
  tasks: 'the first tasks that cannot be claimed, each with its guards',
  tries: 'how often it was tried',
  uid: 'user id of the owner',
  waited_ms: 'how long the command waited, in milliseconds',
  waiting: 'for each kind, the tasks that cannot be claimed, counted by reason',
  worker: 'the worker that finished the task',
} as const

type UsualField = keyof typeof usualFields

/** A field of an error, with its own meaning if it differs from the usual one. */
export type DescribedField = UsualField | readonly [name: UsualField, means: string]

/** The name of a field and its meaning in an error. */
export const describeErrorField = (field: DescribedField): { readonly name: string; readonly means: string } => {
  const [name, means] = typeof field === 'string' ? [field, usualFields[field]] : field
  return { name, means }
}
