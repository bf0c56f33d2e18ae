/**
 * What our own command line, server and benchmark use of a queue beyond the library: not published, and without any
 * promise. Programs import `@claimlog/client`.
 */
export {
  type ImportRequest,
  type LocalOptions,
  type LocalQueue,
  type OpenedQueue,
  openLocalQueue,
  type QueueQuery,
} from './local-queue.ts'
export { defaultDirName, findWorkspace, workingDirectory } from '@claimlog/discovery'
export { startRefresher } from '@claimlog/queue-file'
