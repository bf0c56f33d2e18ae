/**
 * A worker could not do its own part of the work. The machine is at fault and not the task, so the task is released
 * without counting the attempt. `code` is the system's name of the error: `EMFILE`.
 */
export type WorkerFailed = {
  readonly failure: 'WorkerFailed'
  readonly operation: string
  readonly path: string
  readonly code: string
  readonly detail: string
  /** The next step for the user. */
  readonly hint: string
  /** The number of failed tries in a row, if the worker stopped because of them. */
  readonly tries?: number
}
