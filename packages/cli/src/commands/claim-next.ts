import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Option } from 'commander'
import {
  type CallOptions,
  type LocalQueue,
  noNextTask,
  type SettledAnswer,
  type WantsNext,
} from '@claimlog/client/unstable-internals'
import type { PrintedNext, TaskAnswered, Written } from '@claimlog/wire'
import { type Lease, leaseArgument, leaseMsOf } from '../input/arguments.ts'
import { tellUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import { carryOut, type Output, type Settings } from '../run.ts'

/** What the flags say of the next task: `true` is one of any kind. */
export type ClaimNextOptions = { readonly claimNext?: true | ReadonlyArray<string>; readonly lease?: Lease }

/** The flag of a command that ends a claim, by which the next task is claimed in the same step. */
export const claimNextOption = (): Option =>
  new Option(
    '--claim-next [kind...]',
    'in the same step claim the next ready task, of these kinds (default: any); it is answered as "next"',
  )

/** The flag that says how long the next claim lasts. */
export const nextLeaseOption = (): Option =>
  new Option('--lease <duration>', 'how long that claim lasts unless renewed, or none').argParser(leaseArgument)

/**
 * Ends a claim, and claims the next task if the flags ask for that: the answer then has it as `next`, or null and, as
 * `no_next`, what a `claim` would have been refused with.
 */
export const settle = (
  settings: Settings & ClaimNextOptions,
  end: (queue: LocalQueue, options: CallOptions & WantsNext) => TE.TaskEither<CliError, SettledAnswer>,
): TE.TaskEither<CliError, Output> => {
  const { claimNext: asked, lease } = settings
  if (asked === undefined && lease !== undefined) return TE.left(leaseWithoutClaim)
  const kinds = asked === true ? [] : asked
  const claimNext = kinds === undefined ? undefined : { kinds, leaseMs: leaseMsOf(lease) }
  return carryOut(settings, (queue, options) => pipe(end(queue, { ...options, claimNext }), TE.map(settledDocument)))
}

const leaseWithoutClaim: CliError = {
  usage: 'usage',
  detail: '--lease says how long the next claim lasts, and none is asked for',
  mend: 'add --claim-next, or give --lease to claimlog claim',
}

const settledDocument = ({ next, noNext, seq, ...settled }: SettledAnswer): Settled => {
  if (noNext === undefined) return { ...settled, next, seq }
  tellUnknownKinds(noNext.waiting.unknown ?? [])
  return { ...settled, next: null, no_next: noNextTask(noNext), seq }
}

/** The fields about the next task are there if one was asked for. */
type Settled = TaskAnswered & Partial<Omit<PrintedNext, keyof Written>>
