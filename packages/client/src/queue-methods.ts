import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Json } from '@claimlog/codecs'
import type { ListQuery, NewTask, NoReadyTask } from '@claimlog/domain'
import type {
  AwaitedView,
  ClaimedAnswer,
  ClaimedTask,
  DiffView,
  ListView,
  RulesAnswer,
  ShowView,
  StatusView,
  TaskAnswered,
  TaskView,
  TraceView,
  WhyView,
} from '@claimlog/wire'
import type { Moment, Order } from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'

/** How a queue answers: by promises that reject with a `ClaimlogError`, or by task-eithers. */
export type Answering = 'promise' | 'task-either'

/** An answer of the one or the other kind. */
export type Answered<How extends Answering, A> = How extends 'promise' ? Promise<A> : TE.TaskEither<QueueFailure, A>

/** What can be said of every call. */
export type CallOptions = {
  /** Gives up: nothing has changed then, unless it was decided already; then the answer comes all the same. */
  readonly signal?: AbortSignal
  /** Your own id for this request: sent again, it gets the first answer and changes nothing. */
  readonly requestId?: string
  /** Who gives the order, where that is no worker. */
  readonly by?: string
}

/** What can be said of tasks that are added. */
export type AddOptions = CallOptions & {
  /** Not to be claimed before so many milliseconds from now. */
  readonly delayMs?: number
}

/** Who holds a task, and under which token; without a token it is whatever claim the worker has. */
export type Holder = { readonly worker: string; readonly taskId: string; readonly token?: number }

/** What a worker that ends a claim wants next, in the same step: a task of these kinds (none named: of any). */
export type WantsNext = {
  readonly claimNext?: { readonly kinds: ReadonlyArray<string>; readonly leaseMs?: number | null }
}

/** How to look. */
export type LookOptions = {
  /** As it was just after an event, or at a time; as it is now unless said. Reads the log from its first line. */
  readonly at?: Moment
  /** Gives up. */
  readonly signal?: AbortSignal
}

/** How long a call waits for what it asks for: `true` as long as it takes, or so many milliseconds. */
export type Wait = true | number

/** Who claims, and what. */
export type ClaimOptions = CallOptions & {
  readonly worker: string
  /** What kinds of task to take; none named: any. */
  readonly kinds?: ReadonlyArray<string>
  /** This task and no other. */
  readonly taskId?: string
  /** How long the claim lasts unless renewed, in milliseconds; null: without end. */
  readonly leaseMs?: number | null
  /** Only if the log still ends at this seq. */
  readonly expectSeq?: number
  readonly wait?: Wait
}

/** A task that was settled; `next`: the one that was claimed with it, or, in `noNext`, why there was none. */
export type SettledAnswer = TaskAnswered & {
  readonly next?: ClaimedTask
  readonly noNext?: NoReadyTask
}

/** The changes of an amendment. */
export type Amendment = Omit<Extract<Order, { command: 'amend' }>, 'command' | 'taskId' | 'by' | 'requestId'>

/** Everything that can be asked of a queue; answers have the shapes of the command line's JSON. */
export interface QueueMethods<How extends Answering> {
  /** Adds a task; without an id it is named `<kind>-<seq>`. */
  readonly add: (task: NewTask, options?: AddOptions) => Answered<How, TaskAnswered>
  /** Adds many tasks, all or none. */
  readonly addMany: (
    tasks: ReadonlyArray<NewTask>,
    options?: AddOptions,
  ) => Answered<How, { readonly tasks: ReadonlyArray<TaskView>; readonly seq: number }>
  /** Claims the next ready task; `no_ready_task` where there is none, unless it is to be waited for. */
  readonly claim: (options: ClaimOptions) => Answered<How, ClaimedAnswer>
  /** Claims up to `count` tasks in one step. */
  readonly claimMany: (
    options: Omit<ClaimOptions, 'taskId'> & { readonly count: number },
  ) => Answered<How, { readonly tasks: ReadonlyArray<ClaimedTask>; readonly seq: number }>
  /** Says that a claimed task is done, and with what result. */
  readonly complete: (
    options: Holder & WantsNext & CallOptions & { readonly result?: Json },
  ) => Answered<How, SettledAnswer>
  /** Says that this attempt failed; `retryInMs` overrules when the next may start, null: there shall be none. */
  readonly fail: (
    options: Holder & WantsNext & CallOptions & { readonly error: string; readonly retryInMs?: number | null },
  ) => Answered<How, SettledAnswer>
  /** Gives a claimed task back unharmed; the attempt does not count. */
  readonly release: (options: Holder & CallOptions & { readonly reason?: string }) => Answered<How, TaskAnswered>
  /** Keeps a claim for longer, never shorter, and may say how far the work is. */
  readonly renew: (
    options: Holder & CallOptions & { readonly leaseMs?: number | null; readonly progress?: Json },
  ) => Answered<How, TaskAnswered>
  /** Puts a task aside until it is put back. */
  readonly hold: (taskId: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, TaskAnswered>
  /** Puts a task back that was put aside. */
  readonly unhold: (taskId: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, TaskAnswered>
  /** Says that a task will not be done. */
  readonly cancel: (taskId: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, TaskAnswered>
  /** Makes a finished task ready again, with its attempts from 0. */
  readonly retry: (taskId: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, TaskAnswered>
  /** Changes what was said of a task when it was added. */
  readonly amend: (taskId: string, changes: Amendment, options?: CallOptions) => Answered<How, TaskAnswered>
  /** Writes a remark into a task's history. */
  readonly note: (taskId: string, text: string, options?: CallOptions) => Answered<How, TaskAnswered>
  /** Hands out no more tasks of a kind until it is resumed. */
  readonly pause: (kind: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, RulesAnswer>
  /** Hands out tasks of a kind again. */
  readonly resume: (kind: string, options?: CallOptions & { readonly reason?: string }) => Answered<How, RulesAnswer>
  /** Has at most `limit` tasks of a kind claimed at once; null: any number. */
  readonly limit: (kind: string, limit: number | null, options?: CallOptions) => Answered<How, RulesAnswer>
  /** The tasks in the order they were added, each with its claim beside it. */
  readonly list: (query?: ListQuery, options?: LookOptions) => Answered<How, ListView>
  /** All that is known of one task. */
  readonly show: (taskId: string, options?: LookOptions) => Answered<How, ShowView>
  /** The workspace at a glance: tasks by kind, and who holds what. */
  readonly status: (options?: LookOptions) => Answered<How, StatusView>
  /** Whether a task can be claimed, and all that stands in its way. */
  readonly why: (taskId: string, options?: LookOptions) => Answered<How, WhyView>
  /** One task's history, step by step. */
  readonly trace: (taskId: string, options?: Pick<LookOptions, 'signal'>) => Answered<How, TraceView>
  /** What changed from one moment to a later one; none given: to now. */
  readonly diff: (from: Moment, to?: Moment, options?: Pick<LookOptions, 'signal'>) => Answered<How, DiffView>
  /** Waits until all of these tasks are finished, and answers how they are then; `wait_timeout` after `wait` milliseconds. */
  readonly waitFor: (
    taskIds: ReadonlyArray<string>,
    options?: { readonly wait?: Wait; readonly signal?: AbortSignal },
  ) => Answered<How, AwaitedView>
  /** Waits until nothing is left to do among `kinds` (none named: at all). */
  readonly waitUntilEmpty: (
    kinds?: ReadonlyArray<string>,
    options?: { readonly wait?: Wait; readonly signal?: AbortSignal },
  ) => Answered<How, { readonly seq: number }>
}
