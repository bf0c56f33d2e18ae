import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Label, Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { Answer, Order } from '@claimlog/workspace'
import { refusalWords } from '@claimlog/messages'
import type { Step } from './plan-steps.ts'
import { requestIdOf } from './request-id.ts'

/** Runs one command, or dry-runs it. */
export type Execute = (order: Order) => TE.TaskEither<Refusal | TransactFailure, Answer>

/** The result of a step. `action`: the action in the end; `refusal`: why the planned one was refused. */
export type Outcome = {
  readonly step: Step
  readonly action: Step['action'] | 'none'
  readonly refused: Refusal | undefined
  readonly seq: number | undefined
}

/** Executes the steps in order; a refused step becomes a note on its task, if there is one. */
export const carryOut = (
  steps: ReadonlyArray<Step>,
  by: Label,
  execute: Execute,
): TE.TaskEither<TransactFailure, ReadonlyArray<Outcome>> =>
  pipe(
    steps,
    TE.traverseSeqArray(step => carryOutOrNote(step, by, execute)),
  )

const carryOutOrNote = (step: Step, by: Label, execute: Execute): TE.TaskEither<TransactFailure, Outcome> =>
  pipe(
    carryOutStep(step, by, execute),
    TE.map(({ seq }): Outcome => ({ step, action: step.action, refused: undefined, seq })),
    TE.orElse(no => ('failure' in no ? TE.left(no) : noteRefusal(step, no, by, execute))),
  )

const carryOutStep = (step: Step, by: Label, execute: Execute): ReturnType<Execute> =>
  step.action === 'complete' ? complete(step, execute) : execute(orderOf(step, by))

/** Adds a note to the task with the refused step, and the reason. */
const noteRefusal = (
  step: Step,
  refused: Refusal,
  by: Label,
  execute: Execute,
): TE.TaskEither<TransactFailure, Outcome> => {
  const nothing: Outcome = { step, action: 'none', refused, seq: undefined }
  const said = 'text' in step ? step.text : undefined
  if (said === undefined || step.action === 'note') return TE.right(nothing)
  const text = `${said} (not applied here: ${refusalWords(refused).message})`
  return pipe(
    execute({ command: 'note', taskId: step.taskId, text, by, requestId: requestIdOf(step.hash) }),
    TE.map(({ seq }): Outcome => ({ step, action: 'note', refused, seq })),
    TE.orElse(no => ('failure' in no ? TE.left(no) : TE.right(nothing))),
  )
}

type Completing = Step & { readonly action: 'complete' }

/** Completes the task for its worker; under a new token, unless the claim that it was done under is still valid. */
const complete = (
  { taskId, hash, worker, token, result }: Completing,
  execute: Execute,
): TE.TaskEither<Refusal | TransactFailure, Answer> =>
  pipe(
    token === undefined ? claimFor(worker, taskId, hash, execute) : TE.right(token),
    TE.chain(held =>
      execute({ command: 'complete', worker, taskId, token: held, result, requestId: requestIdOf(hash) }),
    ),
  )

/** The token of a new claim for a worker that has already done the task. */
const claimFor = (
  worker: Completing['worker'],
  taskId: Completing['taskId'],
  hash: Completing['hash'],
  execute: Execute,
): TE.TaskEither<Refusal | TransactFailure, number | undefined> =>
  pipe(
    execute({ command: 'claim', worker, kinds: [], taskId, requestId: requestIdOf(hash, 'claim') }),
    TE.map(({ tasks }) => tasks[0]?.claim?.token),
  )

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
