import * as E from 'fp-ts/lib/Either.js'
import { type Answer, openWorkspace, type Order, type Workspace } from '@claimlog/workspace'
import type { TaskAnswer } from '@claimlog/wire'
import { type ClockReading, type Event, lineCodec, type Refusal } from '@claimlog/domain'
import { queueFileText } from '@claimlog/queue-file'
import type { EventLog, TransactFailure } from '@claimlog/event-log'
import { type Durability, openFileLog } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { drawOrder, type Memory } from './orders.ts'
import type { SimulatedProcess } from './simulated-process.ts'

export const workspaceDir = '/simulated'

/** What a worker was told of one order, and the events that the answer rests on as their lines say them. */
export type Told = {
  readonly worker: string
  readonly order: Order
  readonly durability: Durability
  readonly answer: E.Either<Refusal | TransactFailure, Answer>
  readonly events: ReadonlyArray<Event>
  /** What the clocks said as it was decided, of which the boot clock tells true time; undefined: it never was. */
  readonly decidedAt: ClockReading | undefined
}

/** The tasks that an order was answered with because they were handed out. */
export const handedOut = (order: Order, answer: Told['answer']): ReadonlyArray<TaskAnswer> => {
  if (E.isLeft(answer)) return []
  const { tasks, next } = answer.right
  return [...(order.command === 'claim' ? tasks : []), ...(next === undefined ? [] : [next])]
}

/** What a worker saw of the state. */
export type Seen = { readonly seq: number; readonly queueFile: string }

export type Ears = {
  /** An order went out; it may have come to something whether it is answered or not. */
  readonly asked: (order: Order) => void
  readonly told: (told: Told) => void
  readonly seen: (seen: Seen) => void
}

/** A worker's life in a process: asks for a while, several things at once now and then, and remembers. Ends by itself. */
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
  // A program may have several views of one log, each as far as it was asked last.
  const workspaces = Array.from({ length: random.between(1, 2) }, () => openWorkspace({ log, clock }))
  const anyWorkspace = (): Workspace => random.oneOf(workspaces) as Workspace

  const ask = async (order: Order): Promise<E.Either<Refusal | TransactFailure, Answer>> => {
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

/** What was said of the log, or of the disk, is said again whatever is asked next. */
const isFinal = (answer: E.Either<Refusal | TransactFailure, Answer>): boolean =>
  E.isLeft(answer) &&
  'failure' in answer.left &&
  ['OutcomeUnknown', 'LogDamaged', 'HistoryChanged'].includes(answer.left.failure)

const look = async (workspace: Workspace, process: SimulatedProcess, ears: Ears): Promise<void> => {
  const seen = await workspace.read(state => ({ seq: state.seq, queueFile: queueFileText(state) }))()
  await process.happened(process.calls())
  if (E.isRight(seen)) ears.seen(seen.right)
}

/** The log, and a way to know the events that a command wrote. */
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
