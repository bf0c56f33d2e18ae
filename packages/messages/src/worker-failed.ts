/**
 * A worker could not do its own part of the work: the machine, not the task, is at fault, and the task is given back
 * unharmed. `code` is as the system names it: `EMFILE`.
 */
export type WorkerFailed = {
  readonly failure: 'WorkerFailed'
  readonly operation: string
  readonly path: string
  readonly code: string
  readonly detail: string
  /** What to do next. */
  readonly hint: string
  /** How many tries in a row came to this, where the worker ended by it. */
  readonly tries?: number
}
