import * as E from 'fp-ts/lib/Either.js'
import type { Label, Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { Answer } from '@claimlog/workspace'
import { refusalWords } from '@claimlog/messages'
import type { Order } from '@claimlog/workspace'
import type { Step } from './plan-steps.ts'
import { requestIdOf } from './request-id.ts'

/** Carries out one command, or tries it. */
export type Execute = (order: Order) => Promise<E.Either<Refusal | TransactFailure, Answer>>

/** What a step came to. `action`: what was done in the end; `refused`: why not what was planned. */
export type Outcome = {
  readonly step: Step
  readonly action: Step['action'] | 'none'
  readonly refused: Refusal | undefined
  readonly seq: number | undefined
}

/** Carries out the steps, one after the other; what the rules refuse is noted on the task instead, if there is one. */
export const carryOut = async (
  steps: ReadonlyArray<Step>,
  by: Label,
  execute: Execute,
): Promise<E.Either<TransactFailure, ReadonlyArray<Outcome>>> => {
  const outcomes: Array<Outcome> = []
  for (const step of steps) {
    const outcome = await carryOutOne(step, by, execute)
    if (E.isLeft(outcome)) return outcome
    outcomes.push(outcome.right)
  }
  return E.right(outcomes)
}

const carryOutOne = async (step: Step, by: Label, execute: Execute): Promise<E.Either<TransactFailure, Outcome>> => {
  const done = step.action === 'complete' ? await complete(step, execute) : await execute(orderOf(step, by))
  if (E.isRight(done)) return E.right({ step, action: step.action, refused: undefined, seq: done.right.seq })
  if ('failure' in done.left) return E.left(done.left)
  const refused = done.left
  const text = 'text' in step ? step.text : undefined
  if (text === undefined || step.action === 'note') return E.right({ step, action: 'none', refused, seq: undefined })
  const { taskId, hash } = step
  const note = `${text} (not done here: ${refusalWords(refused).message})`
  const noted = await execute({ command: 'note', taskId, text: note, by, requestId: requestIdOf(hash) })
  if (E.isRight(noted)) return E.right({ step, action: 'note', refused, seq: noted.right.seq })
  return 'failure' in noted.left ? E.left(noted.left) : E.right({ step, action: 'none', refused, seq: undefined })
}

type Completing = Step & { readonly action: 'complete' }

/** Completed by the worker who did it; under a new token, unless the claim that it was done under still stands. */
const complete = async (
  { taskId, hash, worker, token, result }: Completing,
  execute: Execute,
): Promise<E.Either<Refusal | TransactFailure, Answer>> => {
  const claimed =
    token === undefined
      ? await execute({ command: 'claim', worker, kinds: [], taskId, requestId: requestIdOf(hash, 'claim') })
      : undefined
  if (claimed !== undefined && E.isLeft(claimed)) return claimed
  const held = token ?? claimed?.right.tasks[0]?.claim?.token
  return execute({ command: 'complete', worker, taskId, token: held, result, requestId: requestIdOf(hash) })
}

const orderOf = (step: Exclude<Step, Completing>, by: Label): Order => {
  const { taskId, hash } = step
  switch (step.action) {
    case 'add':
      return { command: 'add', tasks: [step.task], by, requestId: requestIdOf(hash) }
    case 'hold':
    case 'cancel':
      return { command: step.action, taskId, reason: step.reason, by, requestId: requestIdOf(hash, step.suffix) }
    case 'note':
      return { command: 'note', taskId, text: step.text, by, requestId: requestIdOf(hash) }
  }
}
