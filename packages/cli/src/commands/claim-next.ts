import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Option } from 'commander'
import {
  type CallOptions,
  type LocalQueue,
  noNextTaskView,
  type EndClaimResult,
  type ClaimNextOption,
} from '@claimlog/client/unstable-internals'
import type { ClaimNextOutput, TaskResult, WriteResult } from '@claimlog/wire'
import { type LeaseArgument, parseLeaseArgument, toLeaseMs } from '../input/arguments.ts'
import { printUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../cli-error.ts'
import { executeCommand, type CommandOutput, type Settings } from '../run.ts'

/** The flags about the next task; `claimNext: true` accepts any kind. */
export type ClaimNextFlags = { readonly claimNext?: true | ReadonlyArray<string>; readonly lease?: LeaseArgument }

/** The flag that makes a command end a claim and claim the next task in the same step. */
export const claimNextOption = (): Option =>
  new Option(
    '--claim-next [kind...]',
    'Claim the next ready task of these kinds (default: any) in the same step; returned as "next"',
  )

/** The flag that sets the lease of the next claim. */
export const nextLeaseOption = (): Option =>
  new Option(
    '--lease <duration>',
    'How long that claim lasts unless renewed; none: it never expires (default: that of the task)',
  ).argParser(parseLeaseArgument)

/**
 * Ends a claim and, with `--claim-next`, claims the next task: the result then has it as `next`; if there is none, `next` is
 * null and `no_next` is the refusal that `claim` would have returned.
 */
export const endClaim = (
  settings: Settings & ClaimNextFlags,
  endCall: (queue: LocalQueue, options: CallOptions & ClaimNextOption) => TE.TaskEither<CliError, EndClaimResult>,
): TE.TaskEither<CliError, CommandOutput> => {
  const { claimNext: claimNextFlag, lease } = settings
  if (claimNextFlag === undefined && lease !== undefined) return TE.left(unusedLeaseError)
  const kinds = claimNextFlag === true ? [] : claimNextFlag
  const claimNext = kinds === undefined ? undefined : { kinds, leaseMs: toLeaseMs(lease) }
  return executeCommand(settings, (queue, options) =>
    pipe(endCall(queue, { ...options, claimNext }), TE.map(toClaimEndDocument)),
  )
}

const unusedLeaseError: CliError = {
  usage: 'usage',
  detail: '--lease sets the lease of the next claim, but --claim-next is not given',
  hint: 'add --claim-next, or use --lease with claimlog claim',
}

const toClaimEndDocument = ({ next, noNext, seq, ...claimEnd }: EndClaimResult): ClaimEndDocument => {
  if (noNext === undefined) return { ...claimEnd, next, seq }
  printUnknownKinds(noNext.waiting.unknown ?? [])
  return { ...claimEnd, next: null, noNext: noNextTaskView(noNext), seq }
}

/** The fields about the next task are present with `--claim-next`. */
type ClaimEndDocument = TaskResult & Partial<Omit<ClaimNextOutput, keyof WriteResult>>
