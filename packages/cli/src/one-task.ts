import * as E from 'fp-ts/lib/Either.js'
import type { Order } from '@claimlog/coordinator'
import type { CliError } from './problem.ts'
import { okDocument, type Output } from './run.ts'
import { inWorkspace, type Settings, stampOf } from './session.ts'

/** Runs a command about one task; answers with the task, its claim where it has one, and the seq. */
export const runOnTask = (settings: Settings, order: Order): Promise<E.Either<CliError, Output>> =>
  inWorkspace(settings, async ({ workspace }) => {
    const answer = await workspace.run({ ...order, ...stampOf(settings) })()
    if (E.isLeft(answer)) return answer
    const { tasks, seq } = answer.right
    return E.right({ json: okDocument(settings, { ...tasks[0], seq }) })
  })
