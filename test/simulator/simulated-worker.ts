import * as E from 'fp-ts/lib/Either.js'
import { type CommandResult, openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import type { TaskWithClaim } from '@claimlog/wire'
import { type ClockReading, type Event, lineCodec, type Refusal } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import type { EventLog, TransactFailure } from '@claimlog/event-log'
import { type Durability, openFileLog } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { drawCommand, type WorkerMemory } from './draw-command.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export const workspaceDir = '/simulated'

/** The answer to one command of a worker, and the events that it depends on. */
export type ObservedAnswer = {
  readonly worker: string
  readonly input: CommandInput
  readonly durability: Durability
  readonly answer: E.Either<Refusal | TransactFailure, CommandResult>
  readonly events: ReadonlyArray<Event>
  /** The clocks at the decision, of which the boot clock shows true time; undefined: there was no decision. */
  readonly decisionClock: ClockReading | undefined
}

/** The tasks that were handed out in an answer. */
export const listGrantedTasks = (
  input: CommandInput,
  answer: ObservedAnswer['answer'],
): ReadonlyArray<TaskWithClaim> => {
  if (E.isLeft(answer)) return []
  const { tasks, next } = answer.right
  return [...(input.command === 'claim' ? tasks : []), ...(next === undefined ? [] : [next])]
}

/** A state as a worker saw it. */
export type ObservedState = { readonly seq: number; readonly queueFile: string }

export type WorkerObserver = {
  /** A command was sent; it may have an effect even if it is never answered. */
  readonly onCommand: (input: CommandInput) => void
  readonly onAnswer: (observedAnswer: ObservedAnswer) => void
  readonly onState: (observed: ObservedState) => void
}

/** Runs a worker in a process: it sends commands for a while, at times several at once, and ends by itself. */
export const runWorker = async (
  process: SimulatedProcess,
  memory: WorkerMemory,
  clock: () => ClockReading,
  random: Random,
  observer: WorkerObserver,
): Promise<void> => {
  const durability: Durability = random.chance(80) ? 'disk' : 'os'
  const lockTimeoutMs = random.between(5, 400)
  const { disk, timers } = process
  const opened = await openFileLog<Event>({
    dir: workspaceDir,
    codec: lineCodec,
    disk,
    timers,
    durability,
    lockTimeoutMs,
  })()
  if (E.isLeft(opened)) return
  const { log, runRecorded } = recordEvents(opened.right, clock)
  // A program may have several views of one log, each as recent as its last call.
  const workspaces = Array.from({ length: random.between(1, 2) }, () => openWorkspace({ log, clock }))
  const anyWorkspace = (): Workspace => random.oneOf(workspaces) as Workspace

  const sendCommand = async (input: CommandInput): Promise<E.Either<Refusal | TransactFailure, CommandResult>> => {
    observer.onCommand(input)
    const { answer, events, decisionClock } = await runRecorded(() => anyWorkspace().run(input)())
    await process.waitUntilApplied(process.countCalls())
    observer.onAnswer({ worker: memory.worker, input, durability, answer, events, decisionClock })
    for (const { task, claim } of listGrantedTasks(input, answer))
      if (claim !== undefined) memory.tokens.push({ taskId: task.id, token: claim.token })
    return answer
  }

  await sendCommand({ command: 'open', workspace: 'simulated' })
  for (let roundsLeft = random.between(1, 5); roundsLeft > 0; roundsLeft -= 1) {
    const parallelCommands = random.chance(20) ? random.between(2, 5) : 1
    const answers = await Promise.all(
      Array.from({ length: parallelCommands }, () => sendCommand(drawCommand(memory, random))),
    )
    if (answers.some(isFinal)) break
    if (random.chance(15)) await observeState(anyWorkspace(), process, observer)
    await timers.sleep(random.between(0, 40))
  }
  await log.close()
}

/** True if every later command would fail in the same way, because of the log or the disk. */
const isFinal = (answer: E.Either<Refusal | TransactFailure, CommandResult>): boolean =>
  E.isLeft(answer) &&
  'failure' in answer.left &&
  ['OutcomeUnknown', 'LogDamaged', 'HistoryChanged'].includes(answer.left.failure)

const observeState = async (
  workspace: Workspace,
  process: SimulatedProcess,
  observer: WorkerObserver,
): Promise<void> => {
  const observed = await workspace.query(state => ({ seq: state.seq, queueFile: queueFileText(state) }))()
  await process.waitUntilApplied(process.countCalls())
  if (E.isRight(observed)) observer.onState(observed.right)
}

/** Wraps a log so that the events written by a command are known. */
const recordEvents = (log: EventLog<Event>, clock: () => ClockReading) => {
  let listener: ((events: ReadonlyArray<Event>, decisionClock: ClockReading | undefined) => void) | undefined
  const recordingLog: EventLog<Event> = {
    ...log,
    transact: (fold, decide, result, isWanted) => {
      const notify = listener
      let events: ReadonlyArray<Event> = []
      let decisionClock: ClockReading | undefined
      const decideNow: typeof decide = () => {
        decisionClock = clock()
        return decide()
      }
      const resultNow: typeof result = decision => {
        events = decision.events
        return result(decision)
      }
      return async () => {
        const outcome = await log.transact(fold, decideNow, resultNow, isWanted)()
        if (E.isRight(outcome)) notify?.(events, decisionClock)
        return outcome
      }
    },
  }
  const runRecorded = async <A>(run: () => Promise<A>) => {
    let events: ReadonlyArray<Event> = []
    let decisionClock: ClockReading | undefined
    listener = (newEvents, newClock) => {
      events = newEvents
      decisionClock = newClock
    }
    const pendingAnswer = run()
    listener = undefined
    const answer = await pendingAnswer
    return { answer, events, decisionClock }
  }
  return { log: recordingLog, runRecorded }
}
