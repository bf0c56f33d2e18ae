import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type ClaimView,
  claimView,
  type Command,
  decide,
  type Decision,
  emptyState,
  type Event,
  fold,
  isAbout,
  type ListQuery,
  type ListView,
  listView,
  type Refusal,
  type ShowView,
  showView,
  type State,
  type StatusView,
  statusView,
  type TaskEvent,
  type TaskId,
  type TaskView,
  taskView,
  type Time,
  timeOf,
  type TraceView,
  traceView,
} from '@claimlog/domain'
import type { EventLog, Follower, ReadFailure, TransactFailure } from '@claimlog/event-log'
import type { QueueFileWriter } from './queue-file.ts'

/** A command without its moment, which the workspace's clock adds. */
export type Order = Command extends infer C ? (C extends Command ? Omit<C, 'nowMs'> : never) : never

/** A task with its claim beside it, as the command left it. */
export type TaskAnswer = { readonly task: TaskView; readonly claim?: ClaimView }

/** What a command came to: the tasks concerned, and the `seq` of the event that made it so. */
export type Answer = {
  readonly tasks: ReadonlyArray<TaskAnswer>
  readonly seq: number
  /** How many events were appended; 0: it was so already. */
  readonly appended: number
}

/** The log is there, but nobody has opened a workspace in it. */
export type NoWorkspace = Extract<Refusal, { error: 'no_workspace' }>

/** A queue of tasks that any number of processes share through one event log. */
export type Workspace = {
  /**
   * Carries out one command. The answer is given once its events last as the log promises, or the refusal with nothing
   * changed. Commands may be submitted side by side; each is decided on its own, at its own place in the log.
   */
  readonly run: (order: Order) => TE.TaskEither<Refusal | TransactFailure, Answer>
  /**
   * What `view` makes of the state as the log has it now, at the moment `now`. The state is the workspace's own and goes on
   * with it: `view` must take what it needs out of it at once.
   */
  readonly read: <A>(view: (state: State, now: Time) => A) => TE.TaskEither<NoWorkspace | ReadFailure, A>
  readonly list: (query?: ListQuery) => TE.TaskEither<NoWorkspace | ReadFailure, ListView>
  readonly show: (taskId: TaskId) => TE.TaskEither<Refusal | ReadFailure, ShowView>
  readonly status: TE.TaskEither<NoWorkspace | ReadFailure, StatusView>
  /** One task's history, told from the log. */
  readonly trace: (taskId: TaskId) => TE.TaskEither<Refusal | ReadFailure, TraceView>
  /** The events after `seq`, in batches, as they come, until `signal` aborts; a failure is the last item. */
  readonly follow: (seq: number, signal: AbortSignal) => AsyncIterable<E.Either<ReadFailure, ReadonlyArray<Event>>>
  /** Brings `queue.json` up to date, lets go of the log. Nothing may be asked of the workspace afterwards. */
  readonly close: () => Promise<void>
}

export type WorkspaceOptions = {
  readonly log: EventLog<Event>
  /** Milliseconds since the epoch; the system's clock unless said. */
  readonly clock?: () => number
  /** Keeps `queue.json`; none given: nobody does. */
  readonly queueFile?: QueueFileWriter
}

/** Opens a workspace on a log. Nothing is read until something is asked. */
export const openWorkspace = ({ log, clock = Date.now, queueFile }: WorkspaceOptions): Workspace => {
  let state = emptyState()
  let deciding: Deciding | undefined
  const follower: Follower<Event> = {
    get seq() {
      return state.seq
    },
    take: events => {
      state = fold(state, events)
      // The answer shows the tasks as this command left them, before another one can change them.
      if (deciding !== undefined && state.seq === deciding.lastSeq) deciding.answer = answerOf(state, deciding.decision)
    },
  }

  const catchUp = async (): Promise<ReadFailure | undefined> => {
    const end = await log.readAfter(state.seq, events => {
      const fresh = events.filter(event => event.seq > state.seq)
      if (fresh.length > 0) follower.take(fresh)
    })()
    return E.isLeft(end) ? end.left : undefined
  }

  const read =
    <A>(view: (state: State, now: Time) => A): TE.TaskEither<NoWorkspace | ReadFailure, A> =>
    async () => {
      const failed = await catchUp()
      if (failed !== undefined) return E.left(failed)
      return state.workspace === undefined ? E.left({ error: 'no_workspace' }) : E.right(view(state, timeOf(clock())))
    }

  const run =
    (order: Order): TE.TaskEither<Refusal | TransactFailure, Answer> =>
    async () => {
      const command = { ...order, nowMs: clock() } as Command
      const done = await log.transact(follower, (): E.Either<Refusal, Deciding> => {
        deciding = undefined
        const decided = decide(state, command)
        if (E.isLeft(decided)) return decided
        const { events } = decided.right
        deciding = { events, decision: decided.right, lastSeq: events.at(-1)?.seq ?? 0, answer: undefined }
        if (events.length === 0) deciding.answer = answerOf(state, decided.right)
        return E.right(deciding)
      })()
      if (E.isLeft(done)) return done
      await queueFile?.changed(() => state)
      const { answer } = done.right
      if (answer === undefined) throw new Error('the log answered before its follower had taken the events')
      return E.right(answer)
    }

  const trace = async (taskId: TaskId): Promise<E.Either<Refusal | ReadFailure, TraceView>> => {
    const found = await read(({ table, seq }, now) => ({ task: table.get(taskId), seq, now }))()
    if (E.isLeft(found)) return found
    const { task, seq, now } = found.right
    if (task === undefined) return E.left({ error: 'unknown_task', taskId })
    const events: Array<TaskEvent> = []
    const end = await log.readAfter(0, batch => {
      for (const event of batch) if (event.seq <= seq && isAbout(taskId)(event)) events.push(event)
    })()
    return E.isLeft(end) ? end : E.right(traceView(task, events, now, seq))
  }

  return {
    run,
    read,
    list: query => read(now => listView(now, query ?? {})),
    show: taskId =>
      pipe(
        read(now => showView(now, taskId)),
        TE.flatMap(shown => TE.fromEither<Refusal | ReadFailure, ShowView>(shown)),
      ),
    status: read(statusView),
    trace: taskId => () => trace(taskId),
    follow: log.follow,
    close: async () => {
      await queueFile?.close(() => state)
      await log.close()
    },
  }
}

type Deciding = {
  readonly events: ReadonlyArray<Event>
  readonly decision: Decision
  readonly lastSeq: number
  answer: Answer | undefined
}

const answerOf = (state: State, { taskIds, seq, events }: Decision): Answer => ({
  tasks: taskIds.flatMap(id => {
    const task = state.table.get(id)
    if (task === undefined) return []
    return [
      task.claim === undefined ? { task: taskView(task) } : { task: taskView(task), claim: claimView(task.claim) },
    ]
  }),
  seq,
  appended: events.length,
})
