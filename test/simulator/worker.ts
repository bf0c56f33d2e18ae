import * as E from 'fp-ts/lib/Either.js'
import { type CommandResult, openWorkspace, type CommandInput, type Workspace } from '@claimlog/workspace'
import type { TaskWithClaim } from '@claimlog/wire'
import { type ClockReading, type Event, lineCodec, type Refusal } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import type { EventLog, TransactFailure } from '@claimlog/event-log'
import { type Durability, openFileLog } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { drawOrder, type Memory } from './orders.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export const workspaceDir = '/simulated'

/** The answer to one command of a worker, and the events that it depends on. */
export type Told = {
  readonly worker: string
  readonly order: CommandInput
  readonly durability: Durability
  readonly answer: E.Either<Refusal | TransactFailure, CommandResult>
  readonly events: ReadonlyArray<Event>
  /** The clocks at the decision, of which the boot clock shows true time; undefined: there was no decision. */
  readonly decidedAt: ClockReading | undefined
}

/** The tasks that were handed out in an answer. */
export const handedOut = (order: CommandInput, answer: Told['answer']): ReadonlyArray<TaskWithClaim> => {
  if (E.isLeft(answer)) return []
  const { tasks, next } = answer.right
  return [...(order.command === 'claim' ? tasks : []), ...(next === undefined ? [] : [next])]
}

/** A state as a worker saw it. */
export type Seen = { readonly seq: number; readonly queueFile: string }

export type Ears = {
  /** A command was sent; it may have an effect even if it is never answered. */
  readonly asked: (order: CommandInput) => void
  readonly told: (told: Told) => void
  readonly seen: (seen: Seen) => void
}

/** Runs a worker in a process: it sends commands for a while, at times several at once, and ends by itself. */
export const work = async (
  process: SimulatedProcess,
  memory: Memory,
  clock: () => ClockReading,
  random: Random,
  ears: Ears,
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
  const { log, decisionOf } = recording(opened.right, clock)
  // A program may have several views of one log, each as recent as its last call.
  const workspaces = Array.from({ length: random.between(1, 2) }, () => openWorkspace({ log, clock }))
  const anyWorkspace = (): Workspace => random.oneOf(workspaces) as Workspace

  const ask = async (order: CommandInput): Promise<E.Either<Refusal | TransactFailure, CommandResult>> => {
    ears.asked(order)
    const { answer, events, decidedAt } = await decisionOf(() => anyWorkspace().run(order)())
    await process.happened(process.calls())
    ears.told({ worker: memory.worker, order, durability, answer, events, decidedAt })
    for (const { task, claim } of handedOut(order, answer))
      if (claim !== undefined) memory.tokens.push({ taskId: task.id, token: claim.token })
    return answer
  }

  await ask({ command: 'open', workspace: 'simulated' })
  for (let turn = random.between(1, 5); turn > 0; turn -= 1) {
    const together = random.chance(20) ? random.between(2, 5) : 1
    const answers = await Promise.all(Array.from({ length: together }, () => ask(drawOrder(memory, random))))
    if (answers.some(isFinal)) break
    if (random.chance(15)) await look(anyWorkspace(), process, ears)
    await timers.sleep(random.between(0, 40))
  }
  await log.close()
}

/** True if every later command would fail in the same way, because of the log or the disk. */
const isFinal = (answer: E.Either<Refusal | TransactFailure, CommandResult>): boolean =>
  E.isLeft(answer) &&
  'failure' in answer.left &&
  ['OutcomeUnknown', 'LogDamaged', 'HistoryChanged'].includes(answer.left.failure)

const look = async (workspace: Workspace, process: SimulatedProcess, ears: Ears): Promise<void> => {
  const seen = await workspace.query(state => ({ seq: state.seq, queueFile: queueFileText(state) }))()
  await process.happened(process.calls())
  if (E.isRight(seen)) ears.seen(seen.right)
}

/** Wraps a log so that the events written by a command are known. */
const recording = (log: EventLog<Event>, clock: () => ClockReading) => {
  let wanted: ((events: ReadonlyArray<Event>, decidedAt: ClockReading | undefined) => void) | undefined
  const recorded: EventLog<Event> = {
    ...log,
    transact: (fold, decide, result, isWanted) => {
      const tell = wanted
      let events: ReadonlyArray<Event> = []
      let decidedAt: ClockReading | undefined
      const decideNow: typeof decide = () => {
        decidedAt = clock()
        return decide()
      }
      const resultNow: typeof result = decision => {
        events = decision.events
        return result(decision)
      }
      return async () => {
        const answered = await log.transact(fold, decideNow, resultNow, isWanted)()
        if (E.isRight(answered)) tell?.(events, decidedAt)
        return answered
      }
    },
  }
  const decisionOf = async <A>(run: () => Promise<A>) => {
    let events: ReadonlyArray<Event> = []
    let decidedAt: ClockReading | undefined
    wanted = (of, at) => {
      events = of
      decidedAt = at
    }
    const running = run()
    wanted = undefined
    const answer = await running
    return { answer, events, decidedAt }
  }
  return { log: recorded, decisionOf }
}
