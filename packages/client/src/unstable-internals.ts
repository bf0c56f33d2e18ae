/**
 * What our own command line, server and benchmark use of a queue beyond the library: not published, and without any
 * promise. Programs import `@claimlog/client`.
 */
export {
  type ImportAnswer,
  type ImportRequest,
  type LocalOptions,
  type LocalQueue,
  type OpenedQueue,
  openLocalQueue,
  type QueueQuery,
} from './local-queue.ts'
export type {
  Amendment,
  CallOptions,
  ClaimedAnswer,
  ClaimOptions,
  Holder,
  SettledAnswer,
  WantsNext,
} from './queue-methods.ts'

// Queries of a state, for `LocalQueue.query`.
export {
  countFinished,
  findTask,
  isKnownKind,
  liveClaims,
  openCounts,
  openNeedsOf,
  standingAt,
  standings,
  taskIdsWith,
  taskPage,
  unknownKinds,
} from '@claimlog/domain'

// Values of the domain.
export {
  beginningOf,
  Count,
  elapsedAt,
  encodeEvent,
  isLive,
  Kind,
  Label,
  msOf,
  onWallClock,
  printable,
  printableData,
  printableJson,
  printableLines,
  Priority,
  priorityOf,
  TaskId,
  taskIdOf,
  timeOf,
} from '@claimlog/domain'
export { defined } from '@claimlog/codecs'
export type {
  Event,
  KindOpen,
  ListQuery,
  NewTask,
  Refusal,
  Standing,
  State,
  Status,
  Task,
  Time,
  UnknownKind,
  WorkerName,
} from '@claimlog/domain'
export type {
  AwaitedView,
  ClaimView,
  PrimeView,
  ShowView,
  StatusView,
  TaskView,
  TraceStep,
  TraceView,
  WhyView,
} from '@claimlog/wire'
export { listView, primeView, showView, statusView, whyView } from '@claimlog/wire'

// Where the queue is.
export { defaultDirName, findLostLog, findWorkspace, workingDirectory } from '@claimlog/discovery'
export { logFileName } from '@claimlog/event-log-file'
export { startRefresher } from '@claimlog/queue-file'

// What an agent's server does beside.
export { type ClaimKeeper, keepClaims, type KeepOptions, type NoLongerKept } from './keep-claims.ts'
export { liveClaimOn, liveClaimsOf } from './live-claims.ts'
export {
  claimedTask,
  type ClaimedTask,
  type Moment,
  nextAppend,
  type Past,
  parseJson,
  pastsAt,
  pause,
} from '@claimlog/workspace'

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

// What the benchmark measures and makes.
export { replayLog, writeLog } from './whole-log.ts'
export { realDisk } from '@claimlog/event-log-file'
