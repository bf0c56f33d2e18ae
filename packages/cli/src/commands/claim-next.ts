import * as E from 'fp-ts/lib/Either.js'
import { Option } from 'commander'
import type { Answer, Order } from '@claimlog/workspace'
import { refusalWords } from '@claimlog/messages'
import { type Lease, leaseArgument, leaseMsOf } from '../input/arguments.ts'
import { tellUnknownKinds } from '../kind-check.ts'
import type { CliError } from '../problem.ts'
import type { Output } from '../run.ts'
import { runOnTask, runOrder } from '../run-order.ts'
import type { Settings } from '../session.ts'

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

type Settling = Extract<Order, { command: 'complete' | 'fail' }>

/**
 * Runs a command that ends a claim, and claims the next task where the flags ask for that: the answer then has it as
 * `next`, or null and, as `no_next`, what a `claim` would have been refused with.
 */
export const runAndClaimNext = async (
  settings: Settings & ClaimNextOptions,
  order: Settling,
): Promise<E.Either<CliError, Output>> => {
  const { claimNext, lease } = settings
  if (claimNext !== undefined) {
    const kinds = claimNext === true ? [] : claimNext
    return runOrder(settings, { ...order, claimNext: { kinds, leaseMs: leaseMsOf(lease) } }, bothTasks)
  }
  if (lease === undefined) return runOnTask(settings, order)
  return E.left({
    usage: 'usage',
    detail: '--lease says how long the next claim lasts, and none is asked for',
    mend: 'add --claim-next, or give --lease to claimlog claim',
  })
}

const bothTasks = ({ tasks, next, noNext, seq }: Answer): object => {
  if (noNext === undefined) return { ...tasks[0], next, seq }
  tellUnknownKinds(noNext.waiting.unknown ?? [])
  const { error, message, hint, data } = refusalWords(noNext)
  return { ...tasks[0], next: null, no_next: { error, message, hint, ...data }, seq }
}
