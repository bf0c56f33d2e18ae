/**
 * claimlog as a library, by promises: a queue of tasks that many processes share through one append-only log, without a
 * server.
 *
 * ```ts
 * import { open } from '@claimlog/coordinator'
 *
 * await using queue = await open()
 * await queue.add({ kind: 'docs', title: 'Read the docs' })
 * await queue.worker('docs', async ({ task, signal, progress }) => {
 *   await progress({ read: task.title })
 *   return { pages: 12 }
 * }, { until: 'empty' })
 * ```
 *
 * For task-eithers instead of promises: `@claimlog/coordinator/fp-ts`.
 */
export { FailTask, type Handler, init, open, type Queue, ReleaseTask } from './library/promise-queue.ts'
export { ClaimlogError } from './library/claimlog-error.ts'
export type * from './library/public-names.ts'
export { WorkStopped } from './worker/work-handler.ts'
