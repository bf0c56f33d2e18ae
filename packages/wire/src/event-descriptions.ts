import type { Event } from '@claimlog/domain'

/** The description of each event, for the schema of `events.jsonl` and `help log-format`. */
export const eventDescriptions: Readonly<Record<Event['event'], string>> = {
  opened: 'always line 1: the workspace and its defaults',
  added: 'a task was added',
  claimed: 'a worker claimed the task; this seq is the token; a lease_until of null never expires',
  renewed: 'the lease of a claim was extended',
  completed: 'the task is done',
  failed: 'an attempt failed; retry_at is null if no attempt is left',
  released: 'the claim was released; the attempt does not count',
  held: 'the task was put on hold',
  unheld: 'the hold was removed',
  cancelled: 'the task was cancelled',
  retried: 'a finished task is ready again, with its attempts counted from 0',
  amended: 'fields of the task changed; the line has the new values',
  noted: 'a note on the task, without effect',
  paused: 'tasks of the kind cannot be claimed',
  resumed: 'tasks of the kind can be claimed again',
  limited: 'the maximum number of tasks of the kind that are claimed at once; null for no limit',
  moved:
    'the log continues at target, and the log that was left accepts no more events; log_id is missing if it is in a file',
  repaired: 'replaces a lost event; the file quarantine has the part that was cut off the damaged log',
}
