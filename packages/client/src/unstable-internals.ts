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

// What an agent's server does beside.
export { type ClaimKeeper, keepClaims, type KeepOptions, type NoLongerKept } from './keep-claims.ts'
export { liveClaimOn, liveClaimsOf } from './live-claims.ts'
export { claimedTask, type ClaimedTask } from '@claimlog/worker'
export { parseJson, pause } from '@claimlog/workspace'
export type { ClaimedAnswer, Holder, SettledAnswer, WantsNext } from './queue-methods.ts'

// Errors in words.
export {
  type Failure,
  failureWordsForAgents,
  isMachineTrouble,
  machineTroubleWords,
  type QueueFailure,
  refusalWordsForAgents,
  type Words,
} from '@claimlog/messages'

// Values and queries of the domain.
export {
  beginningOf,
  type ClaimView,
  Count,
  countFinished,
  defined,
  findTask,
  isLive,
  Kind,
  type KindOpen,
  Label,
  onWallClock,
  openCounts,
  openNeedsOf,
  printable,
  printableData,
  printableJson,
  printableLines,
  Priority,
  priorityOf,
  type Refusal,
  type ShowView,
  type Standing,
  standingAt,
  standings,
  type State,
  type Task,
  TaskId,
  taskIdOf,
  taskIdsWith,
  taskPage,
  type TaskView,
  type Time,
  type TraceStep,
  type TraceView,
  type WhyView,
  type WorkerName,
} from '@claimlog/domain'
