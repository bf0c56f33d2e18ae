import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { ClaimResult, QueueFailure } from 'claimlog'
import { open } from 'claimlog/fp-ts'

/** A program of a user with its own fp-ts: the types of the library fit those of fp-ts in both directions. */
export const claim = (dir: string): TE.TaskEither<QueueFailure | 'none', ClaimResult> =>
  pipe(
    open({ dir }),
    TE.chain(queue =>
      pipe(
        queue.claim({ worker: 'ann', kinds: ['docs'] }),
        TE.chainFirst(({ task }) => queue.note(task.id, 'seen')),
      ),
    ),
    TE.mapLeft(failure => ('error' in failure && failure.error === 'no_ready_task' ? ('none' as const) : failure)),
  )

/** A handler may be any task of fp-ts. */
export const work = (dir: string): TE.TaskEither<QueueFailure, number> =>
  pipe(
    open({ dir }),
    TE.chain(queue => queue.worker('docs', () => TE.toUnion(TE.right({ outcome: 'completed' as const })))),
    TE.map(({ completed }) => completed),
  )
