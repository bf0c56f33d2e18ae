import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { closed, type Closed, type LifeCycle } from '@claimlog/event-log'
import {
  type Aborted,
  type CommandResult,
  toClaimedTask,
  type ClaimInput,
  claimWhenReady,
  type CommandInput,
  type QueryResult,
  orAborted,
  type Queries,
  waitForTasks,
  type WaitLimits,
  waitUntilEmpty,
  type Workspace,
} from '@claimlog/workspace'
import type { QueueFailure } from '@claimlog/messages'
import type { AwaitedView, ClaimedAnswer, RulesAnswer, TaskAnswer, TaskAnswered } from '@claimlog/wire'
import type { CallOptions, ClaimOptions, LookOptions, QueueMethods, SettledAnswer, Wait } from './queue-methods.ts'
import { untilClosed } from './until-closed.ts'

type Reason = CallOptions & { readonly reason?: string }

/**
 * Builds the methods of a workspace as task-eithers, while `life` is open. All other interfaces are built from these.
 */
export const taskEitherMethods = (workspace: Workspace, life: LifeCycle): LocalMethods => {
  // Every command runs through this function: TE.map would create two more promises, and a spread of two objects takes
  // 1.3 µs, forty times as long as adding the metadata to an object that was created for this call.
  const order =
    <A>(given: CommandInput, options: CallOptions | undefined, told: (answer: CommandResult) => A): Answering<A> =>
    async () => {
      if (!life.isOpen()) return closed
      const answered = await workspace.run(Object.assign(given, stampOf(options)), options?.signal)()
      return E.isLeft(answered) ? answered : E.right(told(answered.right))
    }
  const aboutTask = (command: 'hold' | 'unhold' | 'cancel' | 'retry') => (taskId: string, options?: Reason) =>
    order({ command, taskId, reason: options?.reason }, options, taskAnswered)
  const aboutKind = (command: 'pause' | 'resume') => (kind: string, options?: Reason) =>
    order({ command, kind, reason: options?.reason }, options, rulesAnswer)
  const wait = <L extends object, A>(
    options: WaitOptions | undefined,
    begin: (waiting: WaitLimits) => TE.TaskEither<L | Aborted, A>,
  ): TE.TaskEither<L | Aborted | Closed, A> =>
    untilClosed(life, options?.signal, signal =>
      begin({ waitMs: options?.wait === true ? undefined : options?.wait, signal }),
    )
  const claim = <A>(
    options: ClaimOptions & { readonly count?: number },
    told: (answer: CommandResult) => A,
  ): Answering<A> => {
    const given = claimOrder(options)
    if (options.wait === undefined) return order(given, options, told)
    const waited = wait(options, waiting => claimWhenReady(workspace, { ...given, ...stampOf(options) }, waiting))
    return async () => E.map(told)(await waited())
  }

  const look = <A>(options: LookOptions | undefined, view: (views: Queries) => QueryResult<A>): Answering<A> =>
    unlessGivenUp(life, view(options?.at === undefined ? workspace : workspace.at(options.at)), options?.signal)

  return {
    add: (task, options) => order({ command: 'add', tasks: [task], delayMs: options?.delayMs }, options, taskAnswered),
    addMany: (tasks, options) =>
      order({ command: 'add', tasks, delayMs: options?.delayMs }, options, ({ tasks: added, seq }) => ({
        tasks: added.map(({ task }) => task),
        seq,
      })),
    claim: options => claim(options, claimedAnswer),
    claimMany: options => claim(options, ({ tasks, seq }) => ({ tasks: tasks.map(toClaimedTask), seq })),
    complete: ({ worker, taskId, token, result, claimNext, ...options }) =>
      order({ command: 'complete', worker, taskId, token, result, claimNext }, options, settledAnswer),
    fail: ({ worker, taskId, token, error, retryInMs, claimNext, ...options }) =>
      order({ command: 'fail', worker, taskId, token, error, retryInMs, claimNext }, options, settledAnswer),
    release: ({ worker, taskId, token, reason, ...options }) =>
      order({ command: 'release', worker, taskId, token, reason }, options, taskAnswered),
    renew: ({ worker, taskId, token, leaseMs, progress, ...options }) =>
      order({ command: 'renew', worker, taskId, token, leaseMs, progress }, options, taskAnswered),
    hold: aboutTask('hold'),
    unhold: aboutTask('unhold'),
    cancel: aboutTask('cancel'),
    retry: aboutTask('retry'),
    amend: (taskId, changes, options) => order({ ...changes, command: 'amend', taskId }, options, taskAnswered),
    note: (taskId, text, options) => order({ command: 'note', taskId, text }, options, taskAnswered),
    pause: aboutKind('pause'),
    resume: aboutKind('resume'),
    limit: (kind, limit, options) => order({ command: 'limit', kind, limit }, options, rulesAnswer),
    list: (query, options) => look(options, views => views.list(query)),
    show: (taskId, options) => look(options, views => views.show(taskId)),
    status: options => look(options, views => views.status),
    why: (taskId, options) => look(options, views => views.why(taskId)),
    trace: (taskId, options) => unlessGivenUp(life, workspace.trace(taskId), options?.signal),
    diff: (from, to, options) => unlessGivenUp(life, workspace.diff(from, to), options?.signal),
    waitFor: (taskIds, options) => wait(options, waiting => waitForTasks(workspace, taskIds, waiting, options?.onLook)),
    waitUntilEmpty: (kinds = [], options) => wait(options, waiting => waitUntilEmpty(workspace, kinds, waiting)),
  }
}

type WaitOptions = { readonly wait?: Wait; readonly signal?: AbortSignal }

/** The methods of the library, with options for our own tools. */
export interface LocalMethods extends Omit<QueueMethods<'task-either'>, 'waitFor'> {
  /** Like the method of the library; `onLook` is called with the tasks after each query. */
  readonly waitFor: (
    taskIds: ReadonlyArray<string>,
    options?: WaitOptions & { readonly onLook?: (awaited: AwaitedView) => void },
  ) => TE.TaskEither<QueueFailure, AwaitedView>
}

/** The defaults for the tasks of a new workspace. */
export type WorkspaceDefaults = Pick<Extract<CommandInput, { command: 'open' }>, 'leaseMs' | 'maxAttempts' | 'backoff'>

/** Creates the workspace; an existing one is unchanged. */
export const beginWorkspace = (
  { run }: Pick<Workspace, 'run'>,
  { leaseMs, maxAttempts, backoff }: WorkspaceDefaults,
  options?: CallOptions,
): Answering<CommandResult> =>
  run({
    ...{ command: 'open', workspace: globalThis.crypto.randomUUID(), leaseMs, maxAttempts, backoff },
    ...stampOf(options),
  })

type Answering<A> = TE.TaskEither<QueueFailure, A>

/** Runs a query that can be aborted at any time, as it decides nothing. */
const unlessGivenUp =
  <A>(life: LifeCycle, seen: QueryResult<A>, signal: AbortSignal | undefined): Answering<A> =>
  async () => {
    if (!life.isOpen()) return closed
    return signal === undefined ? seen() : orAborted(signal, () => seen)()
  }

/** The author and the request id of a command. */
export const stampOf = (options: CallOptions | undefined): Pick<CallOptions, 'by' | 'requestId'> => ({
  by: options?.by,
  requestId: options?.requestId,
})

const claimOrder = ({
  worker,
  kinds = [],
  taskId,
  count,
  leaseMs,
  expectSeq,
}: ClaimOptions & { count?: number }): ClaimInput => ({
  command: 'claim',
  worker,
  kinds,
  taskId,
  count,
  leaseMs,
  expectSeq,
})

const taskAnswered = ({ tasks, seq }: CommandResult): TaskAnswered => {
  const [first] = tasks
  if (first === undefined) throw new Error('the result of a command for one task must have a task')
  const { task, claim } = first
  return claim === undefined ? { task, seq } : { task, claim, seq }
}

const claimedAnswer = ({ tasks, seq }: CommandResult): ClaimedAnswer => {
  const { task, claim } = toClaimedTask(tasks[0] as TaskAnswer)
  return { task, claim, seq }
}

const settledAnswer = (answer: CommandResult): SettledAnswer => {
  const settled = taskAnswered(answer)
  const { next, noNext } = answer
  if (next !== undefined) return { ...settled, next: toClaimedTask(next) }
  return noNext === undefined ? settled : { ...settled, noNext }
}

const rulesAnswer = ({ rules, seq }: CommandResult): RulesAnswer => {
  if (rules === undefined) throw new Error('the result of a command for a kind must have its rules')
  return { rules, seq }
}
