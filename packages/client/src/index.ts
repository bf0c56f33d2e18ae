/**
 * claimlog as a library with promises: a task queue that many processes share through one append-only log, without a
 * server. `@claimlog/client/fp-ts` has the same API with task-eithers instead of promises.
 *
 * @example
 * ```ts
 * import { open } from 'claimlog'
 *
 * await using queue = await open()
 * await queue.add({ kind: 'docs', title: 'Read the docs' })
 * await queue.worker('docs', async ({ task, signal, progress }) => {
 *   await progress({ reading: task.title ?? task.id })
 *   return { pages: 12 }
 * }, { until: 'drained' })
 * ```
 */
export { FailTask, type FailTaskOptions, ReleaseTask } from './handler-errors.ts'
export { type Handler, init, open, type Queue } from './promise-queue.ts'
export { ClaimlogError } from '@claimlog/messages'
export type * from './public-names.ts'
export { WorkStopped } from '@claimlog/worker'
