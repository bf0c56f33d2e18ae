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
import { originOf, requestIdOf } from './request-id.ts'
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
export const planSteps = ({ commonSeq, ours, theirs }: Copies): ReadonlyArray<Step> => {
  const ourHashes = new Set(ours.tail.map(({ hash }) => hash))
  const wasBrought = (hash: string): boolean => findRequest(ours.state, requestIdOf(hash)) !== undefined
  const isKnown = ({ hash = '', requestId = '' }: Event): boolean =>
    wasBrought(hash) || ourHashes.has(originOf(requestId))
  const added = new Map(
    theirs.tail.flatMap(event => (event.event === 'added' ? [[event.taskId, event.hash ?? '']] : [])),
  )
  const adds: Array<Step & { readonly action: 'add' }> = []
  const others: Array<Step> = []
  for (const event of theirs.tail) {
    if (!isTaskEvent(event) || isKnown(event)) continue
    const { hash = '', seq, taskId } = event
    const place = { seq, hash, taskId }
    const task = findTask(theirs.state, taskId)
    if (task === undefined) continue
    const here = findTask(ours.state, taskId)
    const isOurs = here !== undefined && !wasBrought(added.get(taskId) ?? '')
    if (event.event === 'added' && here === undefined)
      adds.push({ ...place, action: 'add', task: { ...task.spec, taskId, kind: task.kind } })
    else others.push(...stepsOf(event, { task, here, isOurs, commonSeq }).map(step => ({ ...place, ...step })))
  }
  return [...inOrderOfNeeds(adds), ...others]
}

type Doing = Step extends infer S ? (S extends Step ? Omit<S, 'seq' | 'hash' | 'taskId'> : never) : never

/** A task in the other copy, and in ours. `isOurs`: ours was not merged from there. */
type Standing = {
  readonly task: Task
  readonly here: Task | undefined
  readonly isOurs: boolean
  readonly commonSeq: number
}

const stepsOf = (event: TaskEvent, { task, here, isOurs, commonSeq }: Standing): ReadonlyArray<Doing> => {
  const text = describeEvent(event)
  const note: Doing = { action: 'note', text }
  const isSame =
    !isOurs || task.seq <= commonSeq || (here?.kind === task.kind && isSameJson(json(here.spec), json(task.spec)))
  switch (event.event) {
    case 'added':
      return isSame ? [] : [note]
    case 'completed': {
      const isLast = task.status === 'done' && task.finished?.seq === event.seq
      if (!isLast || !isSame || (here !== undefined && isFinished(here))) return [note]
      // The same token in both copies is a different claim.
      const token = event.token <= commonSeq && here?.claim?.token === event.token ? event.token : undefined
      return [{ action: 'complete', worker: event.worker, token, result: event.result, text }]
    }
    case 'failed':
      return !isOurs && task.status === 'failed' && task.finished?.seq === event.seq
        ? [
            note,
            { action: 'hold', reason: `it failed in another copy of this log: ${event.error}`, text, suffix: 'hold' },
          ]
        : [note]
    case 'held':
      if (isOurs) return [note]
      return task.hold?.seq === event.seq ? [{ action: 'hold', reason: event.reason ?? text, text }] : []
    case 'cancelled':
      if (isOurs) return [note]
      return task.finished?.seq === event.seq ? [{ action: 'cancel', reason: event.reason ?? text, text }] : []
    case 'unheld':
      return isOurs || here?.hold !== undefined ? [note] : []
    case 'retried':
      return isOurs || (here !== undefined && isFinished(here)) ? [note] : []
    case 'amended':
      return here !== undefined && changes(event, here) ? [note] : []
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
const changes = (event: TaskEvent & { readonly event: 'amended' }, { kind, spec }: Task): boolean =>
  (event.kind !== undefined && event.kind !== kind) ||
  Object.entries(json(pickSpec(event))).some(([name, value]) => !isSameJson(value, json(spec)[name]))

/** A spec as JSON, without undefined fields. */
const json = (spec: Task['spec']): Readonly<Record<string, Json>> =>
  JSON.parse(JSON.stringify(spec)) as Readonly<Record<string, Json>>

/** Sorts the tasks so that each is added after its dependencies. */
const inOrderOfNeeds = <S extends Step & { readonly action: 'add' }>(adds: ReadonlyArray<S>): ReadonlyArray<S> => {
  const left = new Map(adds.map(step => [step.taskId, step]))
  const sorted: Array<S> = []
  // A stack and not recursion: a chain of dependencies can be as long as the log.
  for (const add of adds) {
    const stack = [add]
    for (let step = stack.at(-1); step !== undefined; step = stack.at(-1)) {
      const need = (step.task.needs ?? [])
        .map(id => left.get(id))
        .find(other => other !== undefined && !stack.includes(other))
      if (need !== undefined) stack.push(need)
      else {
        stack.pop()
        if (left.delete(step.taskId)) sorted.push(step)
      }
    }
  }
  return sorted
}
