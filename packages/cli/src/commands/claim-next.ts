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
import { type Lease, leaseArgument, leaseMsOf } from '../input/arguments.ts'
import { tellUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import { carryOut, type Output, type Settings } from '../run.ts'

/** The flags about the next task; `claimNext: true` accepts any kind. */
export type ClaimNextOptions = { readonly claimNext?: true | ReadonlyArray<string>; readonly lease?: Lease }

/** The flag that makes a command end a claim and claim the next task in the same step. */
export const claimNextOption = (): Option =>
  new Option(
    '--claim-next [kind...]',
    'Claim the next ready task of these kinds (default: any) in the same step; returned as "next"',
  )

/** The flag that sets the lease of the next claim. */
export const nextLeaseOption = (): Option =>
  new Option('--lease <duration>', 'How long that claim lasts unless renewed, or none').argParser(leaseArgument)

/**
 * Ends a claim and, with `--claim-next`, claims the next task: the result then has it as `next`; if there is none, `next` is
 * null and `no_next` is the refusal that `claim` would have returned.
 */
export const settle = (
  settings: Settings & ClaimNextOptions,
  end: (queue: LocalQueue, options: CallOptions & ClaimNextOption) => TE.TaskEither<CliError, EndClaimResult>,
): TE.TaskEither<CliError, Output> => {
  const { claimNext: asked, lease } = settings
  if (asked === undefined && lease !== undefined) return TE.left(leaseWithoutClaim)
  const kinds = asked === true ? [] : asked
  const claimNext = kinds === undefined ? undefined : { kinds, leaseMs: leaseMsOf(lease) }
  return carryOut(settings, (queue, options) => pipe(end(queue, { ...options, claimNext }), TE.map(settledDocument)))
}

const leaseWithoutClaim: CliError = {
  usage: 'usage',
  detail: '--lease sets the lease of the next claim, but --claim-next is not given',
  mend: 'add --claim-next, or use --lease with claimlog claim',
}

const settledDocument = ({ next, noNext, seq, ...settled }: EndClaimResult): Settled => {
  if (noNext === undefined) return { ...settled, next, seq }
  tellUnknownKinds(noNext.waiting.unknown ?? [])
  return { ...settled, next: null, no_next: noNextTaskView(noNext), seq }
}

/** The fields about the next task are present with `--claim-next`. */
type Settled = TaskResult & Partial<Omit<ClaimNextOutput, keyof WriteResult>>
