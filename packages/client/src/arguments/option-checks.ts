import type { ListQuery } from '@claimlog/domain'
import type { InitOptions, OpenOptions } from './open-options.ts'
import type {
  AddOptions,
  Amendment,
  CallOptions,
  ClaimManyOptions,
  ClaimNextOption,
  ClaimOptions,
  ClaimSelector,
  CompleteOptions,
  FailOptions,
  FollowOptions,
  QueryOptions,
  QueueWorkerOptions,
  ReasonOptions,
  ReleaseOptions,
  RenewOptions,
  SignalOption,
  WaitOptions,
} from '../queue-methods.ts'
import type { NewTask } from '../typed-tasks.ts'
import * as is from './check.ts'
import { required } from './check.ts'
import { array, either, type FieldChecks, object, withOneField } from './composite-check.ts'

const strings = array('strings', is.string)
const backoff = object<NonNullable<NewTask['backoff']>>({
  firstMs: required(is.milliseconds),
  maxMs: required(is.milliseconds),
})

const signalOption = { signal: is.abortSignal }

/** The options of every call that writes. */
export const callFields: FieldChecks<CallOptions> = { requestId: is.string, by: is.string, ...signalOption }
export const callOptions = object<CallOptions>(callFields)
export const addOptions = object<AddOptions>({ delayMs: is.milliseconds, ...callFields })
export const reasonOptions = object<ReasonOptions>({ reason: is.string, ...callFields })

const openFields: FieldChecks<OpenOptions> = {
  log: is.string,
  dir: is.string,
  worker: is.string,
  onNotice: is.callback,
  durability: is.enumeration(['disk', 'os']),
  lockTimeoutMs: is.milliseconds,
}
export const openOptions = object<OpenOptions>(openFields)
export const initOptions = object<InitOptions>({
  ...openFields,
  leaseMs: is.milliseconds,
  maxAttempts: is.wholeNumber,
  backoff,
  force: is.boolean,
  ...signalOption,
})

const taskFields: FieldChecks<Omit<NewTask, 'kind' | 'taskId'>> = {
  title: is.string,
  payload: is.json,
  needs: strings,
  priority: is.wholeNumber,
  notBefore: is.string,
  maxAttempts: is.wholeNumber,
  backoff,
  leaseMs: is.millisecondsOrNull,
  key: is.string,
  tags: strings,
}
export const newTask = object<NewTask>({ kind: required(is.string), taskId: is.string, ...taskFields })
export const newTasks = array('tasks', newTask)
const { key: _key, ...amendable } = taskFields
export const amendment = object<Amendment>({ kind: is.string, ...amendable, delayMs: is.milliseconds })

const claimFields: FieldChecks<Omit<ClaimOptions, 'taskId'>> = {
  worker: required(is.string),
  kinds: strings,
  leaseMs: is.millisecondsOrNull,
  expectSeq: is.wholeNumber,
  wait: is.wait,
  ...callFields,
}
export const claimOptions = object<ClaimOptions>({ ...claimFields, taskId: is.string })
export const claimManyOptions = object<ClaimManyOptions>({
  ...claimFields,
  count: required(is.wholeNumber),
})

const claimSelector: FieldChecks<ClaimSelector> = {
  worker: required(is.string),
  taskId: required(is.string),
  token: is.wholeNumber,
}
const claimNext = object<NonNullable<ClaimNextOption['claimNext']>>({
  kinds: required(strings),
  leaseMs: is.millisecondsOrNull,
})
export const completeOptions = object<CompleteOptions>({
  ...claimSelector,
  result: is.json,
  claimNext,
  ...callFields,
})
export const failOptions = object<FailOptions>({
  ...claimSelector,
  error: required(is.string),
  stack: is.string,
  retryInMs: is.millisecondsOrNull,
  claimNext,
  ...callFields,
})
export const releaseOptions = object<ReleaseOptions>({
  ...claimSelector,
  reason: is.string,
  ...callFields,
})
export const renewOptions = object<RenewOptions>({
  ...claimSelector,
  leaseMs: is.millisecondsOrNull,
  progress: is.json,
  ...callFields,
})

export const listQuery = object<ListQuery>({
  kind: is.string,
  status: is.enumeration(['blocked', 'ready', 'done', 'failed', 'cancelled']),
})
export const pointInTime = withOneField(object<{ seq?: number; time?: string }>({ seq: is.wholeNumber, time: is.time }))
export const queryOptions = object<QueryOptions>({ at: pointInTime, ...signalOption })
export const signalOptions = object<SignalOption>(signalOption)
export const waitOptions = object<WaitOptions>({ wait: is.wait, ...signalOption })
export const followOptions = object<FollowOptions>({ after: is.wholeNumber, ...signalOption })

export const kindList = strings
export const kindOrKinds = either(is.string, strings)
export const workerOptions = object<QueueWorkerOptions>({
  worker: is.string,
  slots: is.count,
  leaseMs: is.millisecondsOrNull,
  timeoutMs: is.milliseconds,
  maxTasks: is.wholeNumber,
  failuresMax: is.count,
  until: is.enumeration(['stopped', 'drained', 'idle', 'told', 'empty', 'unready']),
  stop: is.abortSignal,
  ...signalOption,
  onEvent: is.callback,
})
