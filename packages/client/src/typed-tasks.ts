/**
 * Tasks with the types of their payloads and results, and everything that contains them. Each replaces the internal
 * type of the same name in the library.
 */
import type { Json } from '@claimlog/codecs'
import type { NewTask as UntypedNewTask, NoReadyTask } from '@claimlog/domain'
import type {
  ClaimView,
  ListedTask as ListedTaskDocument,
  ShowView,
  TaskView,
  WaitProgress as WaitProgressDocument,
} from '@claimlog/wire'
import type { HandlerContext as UntypedHandlerContext, TaskOutcome, WorkerFailure } from '@claimlog/worker'

/**
 * The constraint of a type of JSON values: also of an interface, which `Json` refuses because it has no index
 * signature. Refuses dates, functions and other values that JSON cannot represent.
 */
export type JsonLike<A> = null | boolean | number | string | { readonly [K in keyof A]: JsonCompatible<A[K]> }

/** A type of JSON values itself, and never for a type that has others. */
export type JsonCompatible<A> = unknown extends A
  ? A
  : A extends Json
    ? A
    : A extends (...args: never) => unknown
      ? never
      : A extends object
        ? { readonly [K in keyof A]: JsonCompatible<A[K]> }
        : A extends undefined
          ? A
          : never

type TypedDocument<Document, Payload, Result> = Omit<Document, 'payload' | 'result'> & {
  /** The payload with which it was added, if it has one. */
  readonly payload?: Payload
  /** The result with which it was completed, if it has one. */
  readonly result?: Result
}

/**
 * A task to add. The default id is `<kind>-<seq>`. Durations are whole milliseconds.
 *
 * @interface
 */
export type NewTask<Payload = Json> = Omit<UntypedNewTask, 'payload'> & { readonly payload?: Payload }

/**
 * A task. A field is absent if it has no value. The status of a claimed task stays `ready`; its claim is next to it.
 *
 * @interface
 */
export type Task<Payload = Json, Result = Json> = TypedDocument<TaskView, Payload, Result>

/** A claimed task with its claim. */
export type ClaimedTask<Payload = Json, Result = Json> = {
  readonly task: Task<Payload, Result>
  readonly claim: ClaimView
}

/** A claimed task with its claim, and the seq of the event that claimed it. */
export type ClaimResult<Payload = Json, Result = Json> = ClaimedTask<Payload, Result> & { readonly seq: number }

/** The tasks that were claimed in one step. */
export type ClaimManyResult<Payload = Json, Result = Json> = {
  readonly tasks: ReadonlyArray<ClaimedTask<Payload, Result>>
  readonly seq: number
}

/** A task after a command, with its claim if it has one, and the seq of the event that changed it. */
export type TaskResult<Payload = Json, Result = Json> = {
  readonly task: Task<Payload, Result>
  readonly claim?: ClaimView
  readonly seq: number
}

/** The tasks that were added in one step. */
export type AddManyResult<Payload = Json, Result = Json> = {
  readonly tasks: ReadonlyArray<Task<Payload, Result>>
  readonly seq: number
}

/**
 * The result of ending a claim; `next` is the task that was claimed in the same step, or `noNext` why there was none.
 */
export type EndClaimResult<Payload = Json, Result = Json> = TaskResult<Payload, Result> & {
  readonly next?: ClaimedTask<Payload, Result>
  readonly noNext?: NoReadyTask
}

/**
 * A task in a list, with its claim. Its dead needs are the dependencies that failed or were cancelled, so that it
 * stays blocked.
 *
 * @interface
 */
export type ListedTask<Payload = Json, Result = Json> = TypedDocument<ListedTaskDocument, Payload, Result>

/** The tasks in the order in which they were added. */
export type TaskList<Payload = Json, Result = Json> = {
  readonly tasks: ReadonlyArray<ListedTask<Payload, Result>>
  readonly seq: number
}

/**
 * The details of one task.
 *
 * @interface
 */
export type TaskDetails<Payload = Json, Result = Json> = Omit<ShowView, 'task'> & {
  readonly task: Task<Payload, Result>
}

/**
 * The tasks that a caller waited for, in the order in which they were given.
 *
 * @interface
 */
export type WaitProgress<Payload = Json, Result = Json> = Omit<WaitProgressDocument, 'tasks'> & {
  readonly tasks: ReadonlyArray<Task<Payload, Result>>
}

/**
 * A claimed task, as passed to its handler.
 *
 * @interface
 */
export type HandlerContext<Payload = Json, Result = Json> = Omit<UntypedHandlerContext, 'task'> & {
  /** The task as `claim` returns it. */
  readonly task: Task<Payload, Result>
}

/**
 * The outcome of a handler's work with task-eithers: of the task, or of the worker's own part. A `worker_failed` is
 * never charged to the task, which is released; the worker backs off, and ends after a few in a row.
 */
export type WorkOutcome<Result = Json> =
  | { readonly outcome: 'completed'; readonly result?: Result }
  | Exclude<TaskOutcome, { readonly outcome: 'completed' }>
  | { readonly outcome: 'worker_failed'; readonly failure: WorkerFailure }
