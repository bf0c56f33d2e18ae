import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Event, Label } from '@claimlog/domain'
import type { AppendFailure, EventLog, TransactFailure } from '@claimlog/event-log'
import { readClocks } from '@claimlog/workspace'
import { appendTail } from './append-tail.ts'
import { executeSteps, type Execute, type MergeStepResult } from './execute-steps.ts'
import type { Copies } from './compare-logs.ts'
import { planSteps } from './plan-steps.ts'
import { spendTokens } from './spend-tokens.ts'
import { createDryRun } from './dry-run-steps.ts'

/** The result of a merge, step by step; `appended`: our log got the missing lines unchanged. */
export type MergeResult = { readonly outcomes: ReadonlyArray<MergeStepResult>; readonly appended: boolean }

const appendedResult: MergeResult = { outcomes: [], appended: true }

/** The default author of the commands that merge. */
const defaultAuthor: Label = 'reconcile'

/** True if our log only lacks lines of the other one. */
const isBehind = ({ local, remote }: Copies): boolean => local.tail.length === 0 && remote.tail.length > 0

/** Returns the result that a merge into `log` would have; nothing is written. */
export const dryRunMerge = (log: EventLog<Event>, copies: Copies): TE.TaskEither<TransactFailure, MergeResult> =>
  isBehind(copies)
    ? TE.right(appendedResult)
    : executeAll(copies, defaultAuthor, createDryRun(copies.local.state, readClocks(log)))

/**
 * Merges the work of the other copy: appends the lines that ours lacks, or runs steps under tokens that neither
 * granted.
 */
export const mergeCopy = (
  log: EventLog<Event>,
  copies: Copies,
  execute: Execute,
  by: Label = defaultAuthor,
): TE.TaskEither<TransactFailure | AppendFailure, MergeResult> =>
  pipe(
    isBehind(copies) ? appendTail(log, copies) : TE.right(false),
    TE.chain(isAppended => (isAppended ? TE.right(appendedResult) : mergeBySteps(log, copies, execute, by))),
  )

const mergeBySteps = (
  log: EventLog<Event>,
  copies: Copies,
  execute: Execute,
  by: Label,
): TE.TaskEither<TransactFailure | AppendFailure, MergeResult> =>
  pipe(
    executeAll(copies, by, execute),
    TE.chainFirstW(() => spendTokens(log, copies.remote.state.seq, copies.remote.path, by)),
  )

const executeAll = (copies: Copies, by: Label, execute: Execute): TE.TaskEither<TransactFailure, MergeResult> =>
  pipe(
    executeSteps(planSteps(copies), by, execute),
    TE.map(outcomes => ({ outcomes, appended: false })),
  )
