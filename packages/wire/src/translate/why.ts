import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { explainTask, type Refusal, type State, type TaskId, type Time } from '@claimlog/domain'
import type { WhyView } from '../documents/guard.ts'
import { guardView } from './guard.ts'

/** Explains whether `claim` would succeed for the task at time `now`, without claiming it. */
export const whyView = (state: State, taskId: TaskId, now: Time): E.Either<Refusal, WhyView> =>
  pipe(
    explainTask(state, taskId, now),
    E.map(({ kind, status, claimable, ahead, guards, seq }) => ({
      taskId,
      kind,
      status,
      claimable,
      ...(ahead === undefined ? {} : { ahead }),
      guards: guards.map(guardView),
      seq,
    })),
  )
