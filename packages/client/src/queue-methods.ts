import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { ListQuery, NewTask, NoReadyTask } from '@claimlog/domain'
import type {
  WaitProgress,
  ClaimResult,
  ClaimedTask,
  DiffView,
  ListView,
  RulesResult,
  ShowView,
  StatusView,
  TaskResult,
  TaskView,
  TraceView,
  WhyView,
} from '@claimlog/wire'
import type { PointInTime, CommandInput } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'

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
 * The result of ending a claim; `next` is the task that was claimed in the same step, or `noNext` why there was none.
 */
export type EndClaimResult = TaskResult & {
  readonly next?: ClaimedTask
  readonly noNext?: NoReadyTask
}

/** The fields of a task to change, with their new values. */
export type Amendment = Omit<Extract<CommandInput, { command: 'amend' }>, 'command' | 'taskId' | 'by' | 'requestId'>

/** The methods of a queue. Results have the same shape as the JSON output of the command line. */
export interface QueueMethods<Style extends ResultStyle> {
  /**
   * Adds a task. The default id is `<kind>-<seq>`.
   *
   * @example
   * ```ts
   * const { task } = await queue.add({ kind: 'docs', title: 'Read the docs', needs: ['build'] })
   * ```
   */
  readonly add: (task: NewTask, options?: AddOptions) => MethodResult<Style, TaskResult>
  /** Adds many tasks, all or none. */
  readonly addMany: (
    tasks: ReadonlyArray<NewTask>,
    options?: AddOptions,
  ) => MethodResult<Style, { readonly tasks: ReadonlyArray<TaskView>; readonly seq: number }>
  /**
   * Claims the next ready task. Refused with `no_ready_task` if there is none, unless `wait` is set.
   *
   * @example
   * ```ts
   * const { task, claim } = await queue.claim({ worker: 'ann', kinds: ['docs'], wait: 60_000 })
   * await queue.complete({ worker: 'ann', taskId: task.id, token: claim.token, result: { pages: 12 } })
   * ```
   */
  readonly claim: (options: ClaimOptions) => MethodResult<Style, ClaimResult>
  /** Claims up to `count` tasks in one step. */
  readonly claimMany: (
    options: Omit<ClaimOptions, 'taskId'> & { readonly count: number },
  ) => MethodResult<Style, { readonly tasks: ReadonlyArray<ClaimedTask>; readonly seq: number }>
  /** Marks a claimed task as done, with an optional result. */
  readonly complete: (
    options: ClaimSelector & ClaimNextOption & CallOptions & { readonly result?: Json },
  ) => MethodResult<Style, EndClaimResult>
  /**
   * Marks this attempt as failed. `retryInMs` overrides the backoff; null: no further attempt. `stack`: where the error
   * was thrown; `trace` shows it.
   */
  readonly fail: (
    options: ClaimSelector &
      ClaimNextOption &
      CallOptions & { readonly error: string; readonly stack?: string; readonly retryInMs?: number | null },
  ) => MethodResult<Style, EndClaimResult>
  /** Releases a claimed task; the attempt does not count. */
  readonly release: (
    options: ClaimSelector & CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, TaskResult>
  /** Extends the lease of a claim, never shortens it, and can record progress. */
  readonly renew: (
    options: ClaimSelector & CallOptions & { readonly leaseMs?: number | null; readonly progress?: Json },
  ) => MethodResult<Style, TaskResult>
  /** Puts a task on hold until `unhold`. */
  readonly hold: (
    taskId: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, TaskResult>
  /** Removes the hold of a task. */
  readonly unhold: (
    taskId: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, TaskResult>
  /** Cancels a task, even if it is claimed. */
  readonly cancel: (
    taskId: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, TaskResult>
  /** Makes a finished task ready again, and counts its attempts from 0. */
  readonly retry: (
    taskId: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, TaskResult>
  /** Changes the fields of a task. */
  readonly amend: (taskId: string, changes: Amendment, options?: CallOptions) => MethodResult<Style, TaskResult>
  /** Adds a note to the history of a task. */
  readonly note: (taskId: string, text: string, options?: CallOptions) => MethodResult<Style, TaskResult>
  /** Stops claims of a kind until `resume`; running claims continue. */
  readonly pause: (
    kind: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, RulesResult>
  /** Allows claims of a kind again. */
  readonly resume: (
    kind: string,
    options?: CallOptions & { readonly reason?: string },
  ) => MethodResult<Style, RulesResult>
  /** Limits the number of tasks of a kind that are claimed at once; null: no limit. */
  readonly limit: (kind: string, limit: number | null, options?: CallOptions) => MethodResult<Style, RulesResult>
  /** Lists tasks with their claims, in the order they were added. */
  readonly list: (query?: ListQuery, options?: QueryOptions) => MethodResult<Style, ListView>
  /** Returns the details of one task. */
  readonly show: (taskId: string, options?: QueryOptions) => MethodResult<Style, ShowView>
  /** Summarizes the workspace: tasks by kind and status, and claims. */
  readonly status: (options?: QueryOptions) => MethodResult<Style, StatusView>
  /** Explains whether a task can be claimed, with all reasons if not. */
  readonly why: (taskId: string, options?: QueryOptions) => MethodResult<Style, WhyView>
  /** Returns the history of one task, step by step. */
  readonly trace: (taskId: string, options?: SignalOption) => MethodResult<Style, TraceView>
  /** Lists the changes from one point in time to a later one; default: to now. */
  readonly diff: (from: PointInTime, to?: PointInTime, options?: SignalOption) => MethodResult<Style, DiffView>
  /**
   * Waits until all of these tasks are finished, and returns them. Refused with `wait_timeout` after `wait`
   * milliseconds.
   */
  readonly waitFor: (taskIds: ReadonlyArray<string>, options?: WaitOptions) => MethodResult<Style, WaitProgress>
  /** Waits until no task of `kinds` is left to do (an empty list: any kind). */
  readonly waitUntilEmpty: (
    kinds?: ReadonlyArray<string>,
    options?: WaitOptions,
  ) => MethodResult<Style, { readonly seq: number }>
}
