/**
 * claimlog as a library with task-eithers: the same queue as in `@claimlog/client`, but every call that can fail
 * returns a `TaskEither`.
 *
 * @example
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import * as TE from 'fp-ts/lib/TaskEither.js'
 * import { open } from 'claimlog/fp-ts'
 *
 * const claimed = pipe(open(), TE.chain(queue => queue.claim({ worker: 'ann', kinds: ['docs'] })))
 * ```
 */
export { initQueue as init, openQueue as open } from './open-queue.ts'
export type { TaskEitherQueue as Queue } from './task-either-queue.ts'
export { ClaimlogError } from '@claimlog/messages'
export type * from './public-names.ts'
export { WorkStopped } from '@claimlog/worker'
