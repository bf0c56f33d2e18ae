/** All commands, one file per command. Events are made by `decide` only. */
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { addMs, type LogClock, toLineEvents, withReading } from '../time/clock.ts'
import { toWallClockRefusal } from '../time/wall-clock-times.ts'
import { findDeparture, type State } from '../state/state.ts'
import { clockErrorMessage, isValidNowMs } from './command.ts'
import { type BadInputDetail, listInputProblems } from './bad-input.ts'
import { AddTasks, addTasks } from './add-tasks.ts'
import { AmendTask, amendTask } from './amend-task.ts'
import { CancelTask, cancelTask } from './cancel-task.ts'
import { ClaimTask, claimTask } from './claim-task.ts'
import { CompleteTask, completeTask } from './complete-task.ts'
import type { Append, DecisionResult, Decision, Unchanged } from './decision.ts'
import type { Event } from '../events/index.ts'
import { FailTask, failTask } from './fail-task.ts'
import { HoldTask, holdTask } from './hold-task.ts'
import { ImportTasks, importTasks } from './import-tasks.ts'
import { LimitKind, limitKind } from './limit-kind.ts'
import { MoveLog, moveLog } from './move-log.ts'
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
  move: MoveLog,
} as const

/** All commands of a workspace. */
export type Command = { [K in keyof typeof codecs]: t.TypeOf<(typeof codecs)[K]> }[keyof typeof codecs]

/**
 * Decides a command in a state: the events to append and the result, or a refusal. Pure. A request id that was used
 * before appends nothing; the decision refers to the events of that time.
 */
export const decide = (command: Command, state: State): DecisionResult => {
  const departure = findDeparture(state)
  if (departure !== undefined)
    return command.command === 'move'
      ? moveLog(command, state)
      : E.left({ error: 'workspace_moved', target: departure.target })
  const detail = explainMalformed(command)
  if (detail !== undefined) return E.left({ error: 'bad_input', detail })
  const repeats = command.requestId === undefined ? undefined : state.table.request(command.requestId)
  if (repeats !== undefined) return E.right({ _tag: 'Repeats', events: [], taskIds: [], seq: repeats.lastSeq, repeats })
  const localState = withReading(state, command)
  const decided = decideInElapsedTime(shiftCommandTimes(command, localState.clock.shiftMs), localState)
  const { clock } = localState
  if (E.isLeft(decided)) return clock.shiftMs === 0 ? decided : E.left(toWallClockRefusal(decided.left, clock))
  const { events } = decided.right
  const lines = toLineEvents(state, clock, command.nowMs, events)
  return lines === events && clock.shiftMs === 0 ? decided : E.right(toWallClockDecision(decided.right, lines, clock))
}

/** The decision with its events as `lines` of the log, and with the times of its refusals on the wall clock. */
const toWallClockDecision = (decision: Decision, lines: ReadonlyArray<Event>, clock: LogClock): Decision => {
  switch (decision._tag) {
    case 'Append':
      return { ...decision, events: lines, ...toWallClockNext(decision, clock) }
    case 'Unchanged':
      return { ...decision, ...toWallClockNext(decision, clock) }
    case 'Repeats':
      return decision
    case 'RefusedWithEvents':
      return { ...decision, events: lines, refusal: toWallClockRefusal(decision.refusal, clock) }
  }
}

const toWallClockNext = ({ next }: Append | Unchanged, clock: LogClock): Pick<Append, 'next'> =>
  next === undefined || !('none' in next) ? {} : { next: { none: toWallClockRefusal(next.none, clock) } }

/** Decides a command whose times are elapsed time, in the state as the caller's machine sees it. */
const decideInElapsedTime = (command: Command, state: State): DecisionResult => {
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
    case 'move':
      return moveLog(command, state)
  }
}

/** Explains why a command is malformed; undefined: it is valid. Untyped callers and input from outside get here too. */
const explainMalformed = (command: Command): BadInputDetail | undefined => {
  if (!Object.hasOwn(codecs, command.command)) return `there is no command ${JSON.stringify(command.command)}`
  const codec = codecs[command.command] as unknown as t.Type<Command, Record<string, unknown>, unknown>
  if (codec.is(command)) return undefined
  if (!isValidNowMs((command as { readonly nowMs: unknown }).nowMs)) return clockErrorMessage
  const decoded = codec.decode(encodeOrKeep(codec, command))
  if (E.isRight(decoded)) return 'the command is malformed'
  const { tasks } = command as { readonly tasks?: unknown }
  return listInputProblems(decoded.left, Array.isArray(tasks) && tasks.length === 1)
}

/** Encodes the command as in a file; returns it unchanged if it is too malformed to encode. */
const encodeOrKeep = (codec: t.Type<Command, Record<string, unknown>, unknown>, command: Command): unknown => {
  try {
    return codec.encode(command)
  } catch {
    return command
  }
}

/** Shifts the times that a command contains, which are on the wall clock, by `ms`. */
export const shiftCommandTimes = <C extends { readonly command: string }>(command: C, ms: number): C => {
  if (ms === 0) return command
  const shift = <T extends Time | null | undefined>(time: T): T =>
    typeof time === 'string' ? (addMs(time, ms) as T) : time
  const timedCommand = command as { readonly command: string } as AddTasks | AmendTask | ImportTasks
  if (timedCommand.command === 'add') {
    const tasks = timedCommand.tasks.map(task => ({ ...task, notBefore: shift(task.notBefore) }))
    return { ...command, tasks }
  }
  if (timedCommand.command === 'amend') return { ...command, notBefore: shift(timedCommand.notBefore) }
  if (timedCommand.command === 'import') {
    const tasks = timedCommand.tasks.map(({ task, importedState }) => ({
      task: { ...task, notBefore: shift(task.notBefore) },
      importedState: {
        ...importedState,
        leaseUntil: shift(importedState.leaseUntil),
        retryAt: shift(importedState.retryAt),
      },
    }))
    return { ...command, tasks }
  }
  return command
}
