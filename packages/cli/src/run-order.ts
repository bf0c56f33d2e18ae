import * as E from 'fp-ts/lib/Either.js'
import type { Answer, Order, Workspace } from '@claimlog/workspace'
import { warnOfUnknownKinds } from './kind-check.ts'
import type { CliError } from './problem.ts'
import { okDocument, type Output } from './run.ts'
import { inWorkspace, type Settings, stampOf } from './session.ts'

/** Has a workspace carry out an order. */
type CarryOut<O extends Order> = (workspace: Workspace, order: O) => Promise<E.Either<CliError, Answer>>

const runNow: CarryOut<Order> = (workspace, order) => workspace.run(order)()

/** Runs one command that writes; answers `ok` with what `told` takes from the answer. */
export const runOrder = <O extends Order>(
  settings: Settings,
  order: O,
  told: (answer: Answer) => object,
  carryOut: CarryOut<O> = runNow,
): Promise<E.Either<CliError, Output>> =>
  inWorkspace(settings, async ({ workspace }) => {
    const answer = await carryOut(workspace, { ...order, ...stampOf(settings) })
    return E.isLeft(answer) ? answer : E.right({ json: okDocument(settings, told(answer.right)) })
  })

/** Runs a command about one task; answers with the task, its claim where it has one, and the seq. */
export const runOnTask = (settings: Settings, order: Order): Promise<E.Either<CliError, Output>> =>
  runOrder(settings, order, toldOfOne)

/** A task, its claim where it has one, and the seq. */
export const toldOfOne = ({ tasks, seq }: Answer): object => ({ ...tasks[0], seq })

type OnKind = Extract<Order, { command: 'pause' | 'resume' | 'limit' }>

/** Runs a command about one kind; answers with the kind's rules as they are then, and the seq. */
export const runOnKind = (settings: Settings, order: OnKind): Promise<E.Either<CliError, Output>> =>
  runOrder(
    settings,
    order,
    ({ rules, seq }) => ({ rules, seq }),
    async (workspace, stamped) => {
      // Afterwards there is a rule for it, and it is known.
      await warnOfUnknownKinds(workspace, [order.kind])
      return runNow(workspace, stamped)
    },
  )
