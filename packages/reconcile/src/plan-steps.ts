import { isSameJson, type Json } from '@claimlog/codecs'
import {
  type Event,
  findRequest,
  findTask,
  isFinished,
  isTaskEvent,
  type NewTask,
  pickSpec,
  type Task,
  type TaskEvent,
  type TaskId,
} from '@claimlog/domain'
import type { Copies } from './compare-logs.ts'
import { parseOriginHash, toRequestId } from './request-id.ts'
import { describeEvent } from './describe-event.ts'

/** The step for one event of the other copy. `seq`, `hash`: that event's. */
export type Step = { readonly seq: number; readonly hash: string; readonly taskId: TaskId } & (
  | { readonly action: 'add'; readonly task: NewTask }
  /** Claim and complete; if the claim from before the copies diverged is still valid, `token` is its token. */
  | {
      readonly action: 'complete'
      readonly worker: string
      readonly token: number | undefined
      readonly result: NewTask['payload']
      readonly text: string
    }
  | { readonly action: 'hold' | 'cancel'; readonly reason: string; readonly text: string; readonly suffix?: string }
  | { readonly action: 'note'; readonly text: string }
)

/**
 * Plans the steps that keep what only the other copy has, in an executable order: its added tasks are added with their
 * current spec, tasks that it finished are finished here unless they already are, and the rest becomes notes. Events
 * that were merged before, or came from here, are left out.
 */
export const planSteps = ({ commonSeq, local, remote }: Copies): ReadonlyArray<Step> => {
  const localHashes = new Set(local.tail.map(({ hash }) => hash))
  const wasMerged = (hash: string): boolean => findRequest(local.state, toRequestId(hash)) !== undefined
  const isAlreadyMerged = ({ hash = '', requestId = '' }: Event): boolean =>
    wasMerged(hash) || localHashes.has(parseOriginHash(requestId))
  const addedHashes = new Map(
    remote.tail.flatMap(event => (event.event === 'added' ? [[event.taskId, event.hash ?? '']] : [])),
  )
  const addSteps: Array<Step & { readonly action: 'add' }> = []
  const otherSteps: Array<Step> = []
  for (const event of remote.tail) {
    if (!isTaskEvent(event) || isAlreadyMerged(event)) continue
    const { hash = '', seq, taskId } = event
    const origin = { seq, hash, taskId }
    const task = findTask(remote.state, taskId)
    if (task === undefined) continue
    const localTask = findTask(local.state, taskId)
    const isLocal = localTask !== undefined && !wasMerged(addedHashes.get(taskId) ?? '')
    if (event.event === 'added' && localTask === undefined)
      addSteps.push({ ...origin, action: 'add', task: { ...task.spec, taskId, kind: task.kind } })
    else
      otherSteps.push(
        ...planEvent(event, { task, localTask, isLocal, commonSeq }).map(step => ({ ...origin, ...step })),
      )
  }
  return [...sortByNeeds(addSteps), ...otherSteps]
}

type StepAction = Step extends infer S ? (S extends Step ? Omit<S, 'seq' | 'hash' | 'taskId'> : never) : never

/** A task in the other copy, and in ours. `isLocal`: ours was not merged from there. */
type TaskPair = {
  readonly task: Task
  readonly localTask: Task | undefined
  readonly isLocal: boolean
  readonly commonSeq: number
}

const planEvent = (event: TaskEvent, { task, localTask, isLocal, commonSeq }: TaskPair): ReadonlyArray<StepAction> => {
  const text = describeEvent(event)
  const note: StepAction = { action: 'note', text }
  const isSame =
    !isLocal ||
    task.seq <= commonSeq ||
    (localTask?.kind === task.kind && isSameJson(toJson(localTask.spec), toJson(task.spec)))
  switch (event.event) {
    case 'added':
      return isSame ? [] : [note]
    case 'completed': {
      const isLast = task.status === 'done' && task.finished?.seq === event.seq
      if (!isLast || !isSame || (localTask !== undefined && isFinished(localTask))) return [note]
      // The same token in both copies is a different claim.
      const token = event.token <= commonSeq && localTask?.claim?.token === event.token ? event.token : undefined
      return [{ action: 'complete', worker: event.worker, token, result: event.result, text }]
    }
    case 'failed':
      return !isLocal && task.status === 'failed' && task.finished?.seq === event.seq
        ? [
            note,
            { action: 'hold', reason: `it failed in another copy of this log: ${event.error}`, text, suffix: 'hold' },
          ]
        : [note]
    case 'held':
      if (isLocal) return [note]
      return task.hold?.seq === event.seq ? [{ action: 'hold', reason: event.reason ?? text, text }] : []
    case 'cancelled':
      if (isLocal) return [note]
      return task.finished?.seq === event.seq ? [{ action: 'cancel', reason: event.reason ?? text, text }] : []
    case 'unheld':
      return isLocal || localTask?.hold !== undefined ? [note] : []
    case 'retried':
      return isLocal || (localTask !== undefined && isFinished(localTask)) ? [note] : []
    case 'amended':
      return localTask !== undefined && hasChange(event, localTask) ? [note] : []
    case 'noted':
      return [note]
    case 'claimed':
      return task.claim?.token === event.seq ? [note] : []
    case 'renewed':
    case 'released':
      return []
  }
}

/** True if an amendment differs from the current task. */
const hasChange = (event: TaskEvent & { readonly event: 'amended' }, { kind, spec }: Task): boolean =>
  (event.kind !== undefined && event.kind !== kind) ||
  Object.entries(toJson(pickSpec(event))).some(([name, value]) => !isSameJson(value, toJson(spec)[name]))

/** A spec as JSON, without undefined fields. */
const toJson = (spec: Task['spec']): Readonly<Record<string, Json>> =>
  JSON.parse(JSON.stringify(spec)) as Readonly<Record<string, Json>>

/** Sorts the tasks so that each is added after its dependencies. */
const sortByNeeds = <S extends Step & { readonly action: 'add' }>(addSteps: ReadonlyArray<S>): ReadonlyArray<S> => {
  const unsorted = new Map(addSteps.map(step => [step.taskId, step]))
  const sorted: Array<S> = []
  // A stack and not recursion: a chain of dependencies can be as long as the log.
  for (const addStep of addSteps) {
    const stack = [addStep]
    for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
      const dependency = (step.task.needs ?? [])
        .map(id => unsorted.get(id))
        .find(other => other !== undefined && !stack.includes(other))
      if (dependency !== undefined) stack.push(dependency)
      else {
        stack.pop()
        if (unsorted.delete(step.taskId)) sorted.push(step)
      }
    }
  }
  return sorted
}
