import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Label, Refusal } from '@claimlog/domain'
import type { TransactFailure } from '@claimlog/event-log'
import type { CommandResult, CommandInput } from '@claimlog/workspace'
import { refusalMessage } from '@claimlog/messages'
import type { Step } from './plan-steps.ts'
import { toRequestId } from './request-id.ts'

/** Runs one command, or dry-runs it. */
export type Execute = (input: CommandInput) => TE.TaskEither<Refusal | TransactFailure, CommandResult>

/** The result of a step. `action`: the action in the end; `refusal`: why the planned one was refused. */
export type MergeStepResult = {
  readonly step: Step
  readonly action: Step['action'] | 'none'
  readonly refusal: Refusal | undefined
  readonly seq: number | undefined
}

/** Executes the steps in order; a refused step becomes a note on its task, if there is one. */
export const executeSteps = (
  steps: ReadonlyArray<Step>,
  by: Label,
  execute: Execute,
): TE.TaskEither<TransactFailure, ReadonlyArray<MergeStepResult>> =>
  pipe(
    steps,
    TE.traverseSeqArray(step => executeOrNote(step, by, execute)),
  )

const executeOrNote = (step: Step, by: Label, execute: Execute): TE.TaskEither<TransactFailure, MergeStepResult> =>
  pipe(
    executeStep(step, by, execute),
    TE.map(({ seq }): MergeStepResult => ({ step, action: step.action, refusal: undefined, seq })),
    TE.orElse(error => ('failure' in error ? TE.left(error) : noteRefusal(step, error, by, execute))),
  )

const executeStep = (step: Step, by: Label, execute: Execute): ReturnType<Execute> =>
  step.action === 'complete' ? completeTask(step, execute) : execute(toCommandInput(step, by))

/** Adds a note to the task with the refused step, and the reason. */
const noteRefusal = (
  step: Step,
  refusal: Refusal,
  by: Label,
  execute: Execute,
): TE.TaskEither<TransactFailure, MergeStepResult> => {
  const noAction: MergeStepResult = { step, action: 'none', refusal, seq: undefined }
  const stepText = 'text' in step ? step.text : undefined
  if (stepText === undefined || step.action === 'note') return TE.right(noAction)
  const text = `${stepText} (not applied here: ${refusalMessage(refusal).message})`
  return pipe(
    execute({ command: 'note', taskId: step.taskId, text, by, requestId: toRequestId(step.hash) }),
    TE.map(({ seq }): MergeStepResult => ({ step, action: 'note', refusal, seq })),
    TE.orElse(error => ('failure' in error ? TE.left(error) : TE.right(noAction))),
  )
}

type CompleteStep = Step & { readonly action: 'complete' }

/** Completes the task for its worker; under a new token, unless the claim that it was done under is still valid. */
const completeTask = (
  { taskId, hash, worker, token, result }: CompleteStep,
  execute: Execute,
): TE.TaskEither<Refusal | TransactFailure, CommandResult> =>
  pipe(
    token === undefined ? acquireToken(worker, taskId, hash, execute) : TE.right(token),
    TE.chain(currentToken =>
      execute({ command: 'complete', worker, taskId, token: currentToken, result, requestId: toRequestId(hash) }),
    ),
  )

/** The token of a new claim for a worker that has already done the task. */
const acquireToken = (
  worker: CompleteStep['worker'],
  taskId: CompleteStep['taskId'],
  hash: CompleteStep['hash'],
  execute: Execute,
): TE.TaskEither<Refusal | TransactFailure, number | undefined> =>
  pipe(
    execute({ command: 'claim', worker, kinds: [], taskId, requestId: toRequestId(hash, 'claim') }),
    TE.map(({ tasks }) => tasks[0]?.claim?.token),
  )

const toCommandInput = (step: Exclude<Step, CompleteStep>, by: Label): CommandInput => {
  const { taskId, hash } = step
  switch (step.action) {
    case 'add':
      return { command: 'add', tasks: [step.task], by, requestId: toRequestId(hash) }
    case 'hold':
    case 'cancel':
      return { command: step.action, taskId, reason: step.reason, by, requestId: toRequestId(hash, step.suffix) }
    case 'note':
      return { command: 'note', taskId, text: step.text, by, requestId: toRequestId(hash) }
  }
}
