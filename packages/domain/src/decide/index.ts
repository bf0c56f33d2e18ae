/** What the system can do: one file a command. `decide` is the only way to an event. */
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { explainErrors } from '@claimlog/codecs'
import { after, type LogClock, onLine, seenAt } from '../time/clock.ts'
import { refusalOnWallClock } from '../time/shown-moments.ts'
import type { State } from '../state/state.ts'
import { clockProblem, isNow } from './command.ts'
import { AddTasks, addTasks } from './add-tasks.ts'
import { AmendTask, amendTask } from './amend-task.ts'
import { CancelTask, cancelTask } from './cancel-task.ts'
import { ClaimTask, claimTask } from './claim-task.ts'
import { CompleteTask, completeTask } from './complete-task.ts'
import type { Append, Decided, Decision, Unchanged } from './decision.ts'
import type { Event } from '../events/index.ts'
import { FailTask, failTask } from './fail-task.ts'
import { HoldTask, holdTask } from './hold-task.ts'
import { ImportTasks, importTasks } from './import-tasks.ts'
import { LimitKind, limitKind } from './limit-kind.ts'
import { NoteTask, noteTask } from './note-task.ts'
import { OpenWorkspace, openWorkspace } from './open-workspace.ts'
import { PauseKind, pauseKind } from './pause-kind.ts'
import { ReleaseTask, releaseTask } from './release-task.ts'
import { RenewClaim, renewClaim } from './renew-claim.ts'
import { ResumeKind, resumeKind } from './resume-kind.ts'
import { RetryTask, retryTask } from './retry-task.ts'
import { UnholdTask, unholdTask } from './unhold-task.ts'
import type { Time } from '../values/scalars.ts'

const codecs = {
  open: OpenWorkspace,
  add: AddTasks,
  import: ImportTasks,
  claim: ClaimTask,
  renew: RenewClaim,
  complete: CompleteTask,
  fail: FailTask,
  release: ReleaseTask,
  hold: HoldTask,
  unhold: UnholdTask,
  cancel: CancelTask,
  retry: RetryTask,
  amend: AmendTask,
  note: NoteTask,
  pause: PauseKind,
  resume: ResumeKind,
  limit: LimitKind,
} as const

/** Everything that can be asked of a workspace. */
export type Command = { [K in keyof typeof codecs]: t.TypeOf<(typeof codecs)[K]> }[keyof typeof codecs]

/**
 * What a command comes to in a state: the events to append and what to answer, or why not. Pure; changes nothing. A
 * request that came before comes to nothing new, and says where its answer is to be found.
 */
export const decide = (command: Command, state: State): Decided => {
  const detail = problemOf(command)
  if (detail !== undefined) return E.left({ error: 'bad_input', detail })
  const repeats = command.requestId === undefined ? undefined : state.table.request(command.requestId)
  if (repeats !== undefined) return E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: repeats.lastSeq, repeats })
  const seen = seenAt(state, command)
  const decided = decideSeen(withMomentsMoved(command, seen.clock.shiftMs), seen)
  const { clock } = seen
  if (E.isLeft(decided)) return clock.shiftMs === 0 ? decided : E.left(refusalOnWallClock(decided.left, clock))
  const { events } = decided.right
  const lines = onLine(state, clock, command.nowMs, events)
  return lines === events && clock.shiftMs === 0 ? decided : E.right(told(decided.right, lines, clock))
}

/** A decision with its events as they stand on `lines`, and the refusals in it as they are answered. */
const told = (decision: Decision, lines: ReadonlyArray<Event>, clock: LogClock): Decision => {
  switch (decision._tag) {
    case 'Append':
      return { ...decision, events: lines, ...nextTold(decision, clock) }
    case 'Unchanged':
      return { ...decision, ...nextTold(decision, clock) }
    case 'Repeats':
      return decision
    case 'RefusedWithEvents':
      return { ...decision, events: lines, refusal: refusalOnWallClock(decision.refusal, clock) }
  }
}

const nextTold = ({ next }: Append | Unchanged, clock: LogClock): Pick<Append, 'next'> =>
  next === undefined || !('none' in next) ? {} : { next: { none: refusalOnWallClock(next.none, clock) } }

/** What a command comes to on elapsed time, in the state as the machine sees it that gave the command. */
const decideSeen = (command: Command, state: State): Decided => {
  if (command.command === 'open') return openWorkspace(command, state)
  if (state.workspace === undefined) return E.left({ error: 'no_workspace' })
  switch (command.command) {
    case 'add':
      return addTasks(command, state)
    case 'import':
      return importTasks(command, state)
    case 'claim':
      return claimTask(command, state)
    case 'renew':
      return renewClaim(command, state)
    case 'complete':
      return completeTask(command, state)
    case 'fail':
      return failTask(command, state)
    case 'release':
      return releaseTask(command, state)
    case 'hold':
      return holdTask(command, state)
    case 'unhold':
      return unholdTask(command, state)
    case 'cancel':
      return cancelTask(command, state)
    case 'retry':
      return retryTask(command, state)
    case 'amend':
      return amendTask(command, state)
    case 'note':
      return noteTask(command, state)
    case 'pause':
      return pauseKind(command, state)
    case 'resume':
      return resumeKind(command, state)
    case 'limit':
      return limitKind(command, state)
  }
}

/** What is wrong with a command's names and values, in words: callers without types, and text from outside, come here too. */
const problemOf = (command: Command): string | undefined => {
  if (!Object.hasOwn(codecs, command.command)) return `there is no command ${JSON.stringify(command.command)}`
  const codec = codecs[command.command] as unknown as t.Type<Command, Record<string, unknown>, unknown>
  if (codec.is(command)) return undefined
  if (!isNow((command as { readonly nowMs: unknown }).nowMs)) return clockProblem
  const decoded = codec.decode(wireOf(codec, command))
  return E.isLeft(decoded) ? explainErrors(decoded.left, nameIn(command)) : 'it is not shaped as it must be'
}

/** The command as a file would hold it; left as it is where it is too far from what it should be. */
const wireOf = (codec: t.Type<Command, Record<string, unknown>, unknown>, command: Command): unknown => {
  try {
    return codec.encode(command)
  } catch {
    return command
  }
}

/** A place in a command as its caller knows it: the tasks of a batch by their number, a lone one not at all. */
const nameIn =
  (command: Command) =>
  ([first = '', number, ...rest]: ReadonlyArray<string>): string => {
    if (first !== 'tasks' || number === undefined) return [first, number, ...rest].filter(Boolean).join('.')
    const field = rest.filter(part => part !== 'task' && part !== 'standing').join('.')
    const alone = (command.command === 'add' || command.command === 'import') && command.tasks.length === 1
    return alone ? field || 'the task' : `task ${Number(number) + 1}: ${field}`.trim()
  }

/** A command with the moments that it names, which are those of a wall clock, moved by `ms`. */
export const withMomentsMoved = <C extends { readonly command: string }>(command: C, ms: number): C => {
  if (ms === 0) return command
  const by = <T extends Time | null | undefined>(time: T): T =>
    typeof time === 'string' ? (after(time, ms) as T) : time
  const naming = command as { readonly command: string } as AddTasks | AmendTask | ImportTasks
  if (naming.command === 'add') {
    const tasks = naming.tasks.map(task => ({ ...task, notBefore: by(task.notBefore) }))
    return { ...command, tasks }
  }
  if (naming.command === 'amend') return { ...command, notBefore: by(naming.notBefore) }
  if (naming.command === 'import') {
    const tasks = naming.tasks.map(({ task, standing }) => ({
      task: { ...task, notBefore: by(task.notBefore) },
      standing: { ...standing, leaseUntil: by(standing.leaseUntil), retryAt: by(standing.retryAt) },
    }))
    return { ...command, tasks }
  }
  return command
}
