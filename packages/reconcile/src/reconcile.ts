import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, Label } from '@claimlog/domain'
import type { AppendFailure, EventLog, TransactFailure } from '@claimlog/event-log'
import { appendTail } from './append-tail.ts'
import { carryOut, type Execute, type Outcome } from './carry-out.ts'
import type { Copies } from './compare-logs.ts'
import { planSteps } from './plan-steps.ts'
import { spendTokens } from './spend-tokens.ts'
import { trialOn } from './trial.ts'

/** The result of a merge, step by step; `appended`: our log got the missing lines unchanged. */
export type BroughtOver = { readonly outcomes: ReadonlyArray<Outcome>; readonly appended: boolean }

const linesAppended: BroughtOver = { outcomes: [], appended: true }

/** The default author of the commands that merge. */
const defaultBy: Label = 'reconcile'

/** True if our log only lacks lines of the other one. */
const isBehind = ({ ours, theirs }: Copies): boolean => ours.tail.length === 0 && theirs.tail.length > 0

/** Returns the result that a merge would have; nothing is written. */
export const tryOut = (copies: Copies): TE.TaskEither<TransactFailure, BroughtOver> =>
  isBehind(copies) ? TE.right(linesAppended) : carryAllOut(copies, defaultBy, trialOn(copies.ours.state))

/**
 * Merges the work of the other copy: appends the lines that ours lacks, or runs steps under tokens that neither
 * granted.
 */
export const bringOver = (
  log: EventLog<Event>,
  copies: Copies,
  execute: Execute,
  by: Label = defaultBy,
): TE.TaskEither<TransactFailure | AppendFailure, BroughtOver> =>
  pipe(
    isBehind(copies) ? appendTail(log, copies) : TE.right(false),
    TE.chain(isAppended => (isAppended ? TE.right(linesAppended) : bringOverBySteps(log, copies, execute, by))),
  )

const bringOverBySteps = (
  log: EventLog<Event>,
  copies: Copies,
  execute: Execute,
  by: Label,
): TE.TaskEither<TransactFailure | AppendFailure, BroughtOver> =>
  pipe(
    carryAllOut(copies, by, execute),
    TE.chainFirstW(() => spendTokens(log, copies.theirs.state.seq, copies.theirs.path, by)),
  )

const carryAllOut = (copies: Copies, by: Label, execute: Execute): TE.TaskEither<TransactFailure, BroughtOver> =>
  pipe(
    carryOut(planSteps(copies), by, execute),
    TE.map(outcomes => ({ outcomes, appended: false })),
  )
