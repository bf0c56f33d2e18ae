import * as E from 'fp-ts/lib/Either.js'
import { closed, type LifeCycle, type TransactFailure } from '@claimlog/event-log'

/** A body that waits for its turn under the lock, and how its caller is told what it came to. */
export type Waiting = {
  readonly body: () => E.Either<unknown, unknown>
  readonly settle: (outcome: E.Either<unknown, unknown>) => void
  readonly reject: (defect: unknown) => void
  /** Whether its caller still waits for it. */
  readonly isWanted: () => boolean
  readonly sinceMs: number
}

/** What a body came to, not yet told, and where the log ended then, in bytes. */
export type Decided = {
  readonly waiting: Waiting
  readonly outcome: E.Either<unknown, unknown>
  readonly endOffset: number
}

/** How many bodies may share one turn under the lock: at a few microseconds each, others wait a millisecond at most. */
const mostInATurn = 128

/**
 * Under the lock: looks at the log as it is now. undefined: bodies may run, for as long as nothing failed; `moved`: another
 * file has its name now; else why none can run.
 */
export type Enter = () => E.Either<TransactFailure, never> | 'moved' | undefined

/**
 * Takes bodies off the queue into `decided`, and runs each; stops where the file was replaced. A body that throws has a
 * defect: its caller is told, and nobody else is concerned.
 */
export const decideInTurn = (
  queue: Array<Waiting>,
  enter: Enter,
  endOffset: () => number,
  decided: Array<Decided>,
): void => {
  // Nobody else changes the file meanwhile; but a write of ours that failed may have left something in it.
  let hasEntered = false
  while (decided.length < mostInATurn) {
    const waiting = queue[0]
    if (waiting === undefined) return
    try {
      const barred: ReturnType<Enter> = hasEntered ? undefined : enter()
      if (barred === 'moved') return
      const outcome: E.Either<unknown, unknown> = barred ?? waiting.body()
      hasEntered = E.isRight(outcome)
      decided.push({ waiting, outcome, endOffset: endOffset() })
    } catch (defect) {
      hasEntered = false
      waiting.reject(defect)
    }
    queue.shift()
  }
}

/** Runs a body in the next turn; bodies that are submitted together share it. */
export type InTurn = <L, B>(
  body: () => E.Either<L, B>,
  isWanted?: () => boolean,
) => Promise<E.Either<L | TransactFailure, B>>

/**
 * Gives whoever submits a body a turn. A lone one has it at once; those who come meanwhile share the next. `turn` takes
 * at least the first off the queue, unless the file was replaced, settles what it takes, and answers how many decided.
 * `alone` runs a body that nobody else's waits beside, where nothing has to be waited for; undefined: it must have a turn.
 */
export const inTurnOf = (
  life: LifeCycle,
  turn: (queue: Array<Waiting>) => Promise<number>,
  alone: (body: Waiting['body']) => E.Either<unknown, unknown> | undefined,
  monotonicMs: () => number,
): InTurn => {
  const queue: Array<Waiting> = []
  let atWork = false
  /** Whether those who were answered last had come together: then they will again, each as it gets its answer. */
  let together = false

  const work = async (): Promise<void> => {
    atWork = true
    if (together) await Promise.resolve()
    while (queue.length > 0) {
      together = (await turn(queue)) > 1
      if (queue.length === 0) await Promise.resolve()
    }
    atWork = false
  }

  return async <L, B>(body: () => E.Either<L, B>, isWanted = always) => {
    if (!life.isOpen()) return closed
    const atOnce = atWork ? undefined : (alone(body) as E.Either<L | TransactFailure, B> | undefined)
    if (atOnce !== undefined) return atOnce
    life.begin()
    const answered = new Promise<E.Either<L | TransactFailure, B>>((resolve, reject) => {
      const settle = resolve as (outcome: E.Either<unknown, unknown>) => void
      queue.push({ body, settle, reject, isWanted, sinceMs: monotonicMs() })
      if (!atWork) void work()
    })
    return answered.finally(life.end)
  }
}

const always = (): boolean => true
