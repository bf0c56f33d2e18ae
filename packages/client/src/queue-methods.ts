import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { ListQuery } from '@claimlog/domain'
import type { DiffView, RulesResult, StatusView, TraceView, WhyView } from '@claimlog/wire'
import type { CommandInput, PointInTime } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import type { WorkerOptions } from '@claimlog/worker'
import type {
  AddManyResult,
  ClaimManyResult,
  ClaimResult,
  EndClaimResult,
  NewTask,
  TaskDetails,
  TaskList,
  TaskResult,
  WaitProgress,
} from './typed-tasks.ts'

/** The return style of a queue: promises that reject with a `ClaimlogError`, or task-eithers. */
export type ResultStyle = 'promise' | 'task-either'

/** A result in one of the two styles. */
export type MethodResult<Style extends ResultStyle, A> = Style extends 'promise'
  ? Promise<A>
  : TE.TaskEither<QueueFailure, A>

/** The last argument of every call that can wait or write. */
export type SignalOption = {
  /**
   * Aborts the call, which then rejects with the signal's reason. Nothing is changed, unless the command was already
   * decided; then its result is returned.
   */
  readonly signal?: AbortSignal
}

/** The options of every call that writes. */
export type CallOptions = SignalOption & {
  /** Your own id for this request: the same id again returns the first result and writes nothing. */
  readonly requestId?: string
  /** The author of the change for the log, if it is not a worker. */
  readonly by?: string
}

/** The options of calls that add tasks. */
export type AddOptions = CallOptions & {
  /** The time before the tasks can be claimed, in milliseconds from now. */
  readonly delayMs?: number
}

/** The worker that claimed a task, and its token; without a token the worker's current claim is used. */
export type ClaimSelector = { readonly worker: string; readonly taskId: string; readonly token?: number }

/** Claims the next task in the same step that ends a claim, of these kinds (an empty list: any kind). */
export type ClaimNextOption = {
  readonly claimNext?: { readonly kinds: ReadonlyArray<string>; readonly leaseMs?: number | null }
}

/** The options of a query. */
export type QueryOptions = SignalOption & {
  /** Queries the state just after an event, or at a time; default: now. Reads the log from its first line. */
  readonly at?: PointInTime
}

/** The time that a call waits: `true` without a limit, or a number of milliseconds. */
export type Wait = true | number

/** The options of a call that waits; default: without a limit. */
export type WaitOptions = SignalOption & { readonly wait?: Wait }

/** The options of a claim. */
export type ClaimOptions = CallOptions & {
  readonly worker: string
  /** The kinds of tasks to claim; absent or empty: any kind. */
  readonly kinds?: ReadonlyArray<string>
  /** Claims only this task. */
  readonly taskId?: string
  /** The lease in milliseconds; null: the claim never expires. */
  readonly leaseMs?: number | null
  /** Claims only if the log still ends at this seq. */
  readonly expectSeq?: number
  readonly wait?: Wait
}

/**
 * The fields of a task to change, with their new values; `delayMs`: due that many milliseconds from now.
 *
 * @interface
 */
export type Amendment<Payload = Json> = Omit<AmendCommand, 'command' | 'taskId' | 'by' | 'requestId' | 'payload'> & {
  readonly payload?: Payload
}
type AmendCommand = Extract<CommandInput, { command: 'amend' }>

/** The options of a claim of several tasks. */
export type ClaimManyOptions = Omit<ClaimOptions, 'taskId'> & {
  /** The number of tasks to claim, at most 1,000. */
  readonly count: number
}

/** The claim to complete, and the task's result. */
export type CompleteOptions<Result = Json> = ClaimSelector &
  ClaimNextOption &
  CallOptions & { readonly result?: Result }

/** The claim whose attempt failed, and why. */
export type FailOptions = ClaimSelector &
  ClaimNextOption &
  CallOptions & {
    readonly error: string
    /** The place where the error was thrown; `trace` shows it. */
    readonly stack?: string
    /** The delay before the next attempt, in milliseconds; null: no further attempt; default: the task's backoff. */
    readonly retryInMs?: number | null
  }

/** The options of commands that record a reason. */
export type ReasonOptions = CallOptions & { readonly reason?: string }

/** The claim to release. */
export type ReleaseOptions = ClaimSelector & ReasonOptions

/** The claim to renew. */
export type RenewOptions = ClaimSelector &
  CallOptions & {
    /** The new lease in milliseconds from now; null: the claim never expires; default: as when it was claimed. */
    readonly leaseMs?: number | null
    /** Progress that every process can read. */
    readonly progress?: Json
  }

/** The options of a worker of a queue. Its name is `<host>-<pid>` by default; its kinds are a separate parameter. */
export type QueueWorkerOptions = Partial<Omit<WorkerOptions, 'kinds'>>

/** Follows the events after seq `after` (default 0: from the first event) until `signal` aborts. */
export type FollowOptions = SignalOption & { readonly after?: number }

/**
 * The methods of a queue. Every call may be refused with `usage` (wrong arguments) and `bad_input` (a value that the
 * rules do not allow), and fail with `io_failed`, `log_damaged` or `closed`; a call that writes also with
 * `lock_timeout`. Nothing is changed then. `seq` in a result is the number of the event that made the change.
 */
export interface QueueMethods<Style extends ResultStyle, Payload = Json, Result = Json> {
  /**
   * Adds a task. The default id is `<kind>-<seq>`. Refused with `task_exists` if another task has the id, and with
   * `unknown_task` or `needs_cycle` because of its dependencies.
   *
   * @example
   * ```ts
   * const { task } = await queue.add({ kind: 'docs', title: 'Read the docs', payload: { pages: 12 } })
   * console.log(task.id)
   * ```
   */
  readonly add: (task: NewTask<Payload>, options?: AddOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Adds many tasks, all or none. They may depend on each other. Refused as `add`.
   *
   * @example
   * ```ts
   * const { tasks } = await queue.addMany([
   *   { kind: 'build', taskId: 'build' },
   *   { kind: 'docs', taskId: 'docs', needs: ['build'] },
   * ])
   * ```
   */
  readonly addMany: (
    tasks: ReadonlyArray<NewTask<Payload>>,
    options?: AddOptions,
  ) => MethodResult<Style, AddManyResult<Payload, Result>>
  /**
   * Claims the next ready task. Refused with `no_ready_task` if there is none; with `wait`, only after that time, as
   * `wait_timeout`.
   *
   * @example
   * ```ts
   * const { task, claim } = await queue.claim({ worker: 'ann', kinds: ['docs'], wait: 60_000 })
   * await queue.complete({ worker: 'ann', taskId: task.id, token: claim.token, result: { pages: 12 } })
   * ```
   */
  readonly claim: (options: ClaimOptions) => MethodResult<Style, ClaimResult<Payload, Result>>
  /**
   * Claims up to `count` tasks in one step. Refused as `claim`.
   *
   * @example
   * ```ts
   * const { tasks } = await queue.claimMany({ worker: 'ann', kinds: ['docs'], count: 10 })
   * for (const { task, claim } of tasks) console.log(task.id, claim.token)
   * ```
   */
  readonly claimMany: (options: ClaimManyOptions) => MethodResult<Style, ClaimManyResult<Payload, Result>>
  /**
   * Marks a claimed task as done, with an optional result. Refused with `lease_lost` if another worker has claimed it
   * since, and with `not_holder` or `not_claimed`.
   *
   * @example
   * ```ts
   * const { next } = await queue.complete({
   *   worker: 'ann',
   *   taskId: 'docs-2',
   *   result: { pages: 12 },
   *   claimNext: { kinds: ['docs'] },
   * })
   * if (next !== undefined) console.log(next.task.id)
   * ```
   */
  readonly complete: (options: CompleteOptions<Result>) => MethodResult<Style, EndClaimResult<Payload, Result>>
  /**
   * Marks this attempt as failed. The task is ready again after its backoff, or failed if no attempts are left.
   * Refused as `complete`.
   *
   * @example
   * ```ts
   * await queue.fail({ worker: 'ann', taskId: 'docs-2', error: 'the page is gone', retryInMs: 60_000 })
   * ```
   */
  readonly fail: (options: FailOptions) => MethodResult<Style, EndClaimResult<Payload, Result>>
  /**
   * Releases a claimed task; the attempt does not count. Refused as `complete`.
   *
   * @example
   * ```ts
   * await queue.release({ worker: 'ann', taskId: 'docs-2', reason: 'needs a browser' })
   * ```
   */
  readonly release: (options: ReleaseOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Extends the lease of a claim, never shortens it, and can record progress. Refused as `complete`.
   *
   * @example
   * ```ts
   * const { claim } = await queue.renew({ worker: 'ann', taskId: 'docs-2', progress: { page: 3 } })
   * ```
   */
  readonly renew: (options: RenewOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Puts a task on hold until `unhold`. Refused with `already_claimed` while a worker has it.
   *
   * @example
   * ```ts
   * await queue.hold('docs-2', { reason: 'the text is not final' })
   * ```
   */
  readonly hold: (taskId: string, options?: ReasonOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Removes the hold of a task.
   *
   * @example
   * ```ts
   * await queue.unhold('docs-2')
   * ```
   */
  readonly unhold: (taskId: string, options?: ReasonOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Cancels a task, even if it is claimed. Refused with `task_finished`.
   *
   * @example
   * ```ts
   * await queue.cancel('docs-2', { reason: 'no longer needed' })
   * ```
   */
  readonly cancel: (taskId: string, options?: ReasonOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Makes a finished task ready again, and counts its attempts from 0.
   *
   * @example
   * ```ts
   * await queue.retry('docs-2', { reason: 'the server is back' })
   * ```
   */
  readonly retry: (taskId: string, options?: ReasonOptions) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Changes the fields of a task; fields that are absent keep their values.
   *
   * @example
   * ```ts
   * await queue.amend('docs-2', { priority: 0, tags: ['urgent'] })
   * ```
   */
  readonly amend: (
    taskId: string,
    changes: Amendment<Payload>,
    options?: CallOptions,
  ) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Adds a note to the history of a task.
   *
   * @example
   * ```ts
   * await queue.note('docs-2', 'the source has moved', { by: 'ann' })
   * ```
   */
  readonly note: (
    taskId: string,
    text: string,
    options?: CallOptions,
  ) => MethodResult<Style, TaskResult<Payload, Result>>
  /**
   * Stops claims of a kind until `resume`; running claims continue.
   *
   * @example
   * ```ts
   * const { rules } = await queue.pause('docs', { reason: 'the server is down' })
   * ```
   */
  readonly pause: (kind: string, options?: ReasonOptions) => MethodResult<Style, RulesResult>
  /**
   * Allows claims of a kind again.
   *
   * @example
   * ```ts
   * await queue.resume('docs')
   * ```
   */
  readonly resume: (kind: string, options?: ReasonOptions) => MethodResult<Style, RulesResult>
  /**
   * Limits the number of tasks of a kind that are claimed at once; null: no limit.
   *
   * @example
   * ```ts
   * await queue.limit('docs', 2)
   * ```
   */
  readonly limit: (kind: string, limit: number | null, options?: CallOptions) => MethodResult<Style, RulesResult>
  /**
   * Lists tasks with their claims, in the order they were added.
   *
   * @example
   * ```ts
   * const { tasks } = await queue.list({ kind: 'docs', status: 'ready' })
   * console.log(tasks.map(({ id, claim }) => [id, claim?.worker]))
   * ```
   */
  readonly list: (query?: ListQuery, options?: QueryOptions) => MethodResult<Style, TaskList<Payload, Result>>
  /**
   * Returns the details of one task. Refused with `unknown_task`.
   *
   * @example
   * ```ts
   * const { task, attempts } = await queue.show('docs-2')
   * ```
   */
  readonly show: (taskId: string, options?: QueryOptions) => MethodResult<Style, TaskDetails<Payload, Result>>
  /**
   * Summarizes the workspace: tasks by kind and status, and claims.
   *
   * @example
   * ```ts
   * const { tasks, claims } = await queue.status()
   * const before = await queue.status({ at: { seq: 10 } })
   * ```
   */
  readonly status: (options?: QueryOptions) => MethodResult<Style, StatusView>
  /**
   * Explains whether a task can be claimed, with all reasons if not. Refused with `unknown_task`.
   *
   * @example
   * ```ts
   * const { guards } = await queue.why('docs-2')
   * ```
   */
  readonly why: (taskId: string, options?: QueryOptions) => MethodResult<Style, WhyView>
  /**
   * Returns the history of one task, step by step. Refused with `unknown_task`.
   *
   * @example
   * ```ts
   * const { steps } = await queue.trace('docs-2')
   * for (const { seq, event, time } of steps) console.log(seq, event, time)
   * ```
   */
  readonly trace: (taskId: string, options?: SignalOption) => MethodResult<Style, TraceView>
  /**
   * Lists the changes from one point in time to a later one; default: to now.
   *
   * @example
   * ```ts
   * const { tasks } = await queue.diff({ seq: 10 }, { time: '2026-01-31T09:30:00.000Z' })
   * ```
   */
  readonly diff: (from: PointInTime, to?: PointInTime, options?: SignalOption) => MethodResult<Style, DiffView>
  /**
   * Waits until all of these tasks are finished, and returns them. Refused with `wait_timeout` after `wait`
   * milliseconds, and with `unknown_task`.
   *
   * @example
   * ```ts
   * const { tasks } = await queue.waitFor(['docs-2'], { wait: 60_000 })
   * console.log(tasks.map(task => task.result))
   * ```
   */
  readonly waitFor: (
    taskIds: ReadonlyArray<string>,
    options?: WaitOptions,
  ) => MethodResult<Style, WaitProgress<Payload, Result>>
  /**
   * Waits until no task of `kinds` is left to do (an empty list: any kind). Refused with `wait_timeout`.
   *
   * @example
   * ```ts
   * await queue.waitUntilEmpty(['docs'], { wait: 60_000 })
   * ```
   */
  readonly waitUntilEmpty: (
    kinds?: ReadonlyArray<string>,
    options?: WaitOptions,
  ) => MethodResult<Style, { readonly seq: number }>
}
