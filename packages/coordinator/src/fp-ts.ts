/**
 * claimlog as a library, by task-eithers: the same queue as `@claimlog/coordinator` has it, where everything that can be
 * refused answers an `Either`.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as TE from 'fp-ts/lib/TaskEither.js'
 * import { open } from '@claimlog/coordinator/fp-ts'
 *
 * const claimed = pipe(open(), TE.chain(queue => queue.claim({ worker: 'ann', kinds: ['docs'] })))
 * ```
 */
export { initQueue as init, openQueue as open } from './library/open-queue.ts'
export type { TaskEitherQueue as Queue } from './library/task-either-queue.ts'
export { ClaimlogError } from './library/claimlog-error.ts'
export type * from './library/public-names.ts'
export { WorkStopped } from './worker/work-handler.ts'
