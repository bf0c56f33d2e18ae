import type { Event } from '@claimlog/domain'

/** What each event says, for whoever reads the schema of `events.jsonl`, or `help log-format`. */
export const eventMeanings: Readonly<Record<Event['event'], string>> = {
  opened: 'always line 1: the workspace and its defaults',
  added: 'a task exists',
  claimed: 'the worker holds the task; this seq is the token; a lease_until of null has no end',
  renewed: 'the hold lasts longer',
  completed: 'the task is done',
  failed: 'this attempt failed; a retry_at of null: there is no further one',
  released: 'given back, unharmed: the attempt does not count',
  held: 'somebody put the task aside',
  unheld: 'somebody put the task back',
  cancelled: 'the task will not be done',
  retried: 'a finished task is ready again, its attempts counted from 0',
  amended: "the task's fields that changed, with their new values",
  noted: 'a remark, without effect',
  paused: 'no task of the kind is handed out',
  resumed: 'tasks of the kind are handed out again',
  limited: 'at most so many tasks of the kind are claimed at once; null: as many as there are',
  repaired: 'stands where a lost event stood; the file quarantine holds what was cut off a damaged log',
}
