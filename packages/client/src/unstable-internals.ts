/**
 * What our own command line, server and benchmark use of a queue beyond the library: not published, and without any
 * promise. Programs import `@claimlog/client`. Beneath this entry a face imports only `@claimlog/codecs` and the documents
 * of `@claimlog/wire`, which are not handed on here. It is in sections, each list in the order of the alphabet, and has no
 * name that no face uses.
 */

// The queue: to open it, and what its methods take and answer.
export {
  type ImportAnswer,
  type LocalOptions,
  type LocalQueue,
  type OpenedQueue,
  openLocalQueue,
  type QueueQuery,
} from './local-queue.ts'
export type { Amendment, CallOptions, ClaimOptions, Holder, SettledAnswer, WantsNext } from './queue-methods.ts'
export { closeAfter } from '@claimlog/event-log'
export { queryReadOnly } from './internals/query-read-only.ts'
export { type PartsOptions, type PartsQuery, takeParts } from './internals/take-parts.ts'

// Where the queue is, and where a new one goes.
export {
  absolutePath,
  defaultDirName,
  findLostLog,
  findWorkspace,
  ignoreOwnFiles,
  ignoringOf,
  makeWorkspace,
  placeWorkspace,
  workingDirectory,
  type WorkspacePlace,
} from '@claimlog/discovery'
export { defaultLockTimeoutMs, logFileName, tornFileName } from '@claimlog/event-log-file'
export { queueFileName, startRefresher } from '@claimlog/queue-file'
export { initFromCopy, type NotCopied } from './internals/init-from-copy.ts'

// Queries of a state, for `LocalQueue.query`.
export {
  candidateKinds,
  candidateTasks,
  candidateWorkers,
  type WantedTasks,
} from './internals/completion-candidates.ts'
export { liveClaimOn, liveClaimsOf, liveHolders } from './internals/live-claims.ts'
export {
  countFinished,
  findTask,
  isKnownKind,
  openCounts,
  openNeedsOf,
  standingAt,
  standings,
  taskIdsWith,
  taskPage,
  unknownKinds,
  wallClockMs,
  workLeft,
} from '@claimlog/domain'
export { queueFile } from '@claimlog/queue-file'

// Workers, and waiting.
export { keepClaims, type KeepOptions, type NoLongerKept } from './internals/keep-claims.ts'
export { runWorker } from './internals/run-worker.ts'
export type { HeldTask, WorkerEvent, WorkerSummary } from '@claimlog/worker'
export { claimedTask, nextAppend, pause } from '@claimlog/workspace'

// Values: what they may be, and how they are read and written.
export { defined, type Json } from '@claimlog/codecs'
export {
  Count,
  elapsedAt,
  encodeEvent,
  type Event,
  isLive,
  Kind,
  type KindOpen,
  Label,
  type ListQuery,
  logFormat,
  msOf,
  type NewTask,
  onWallClock,
  Priority,
  priorityOf,
  type Refusal,
  type Standing,
  type State,
  type Status,
  type Task,
  TaskId,
  taskIdOf,
  type Time,
  timeOf,
  type UnknownKind,
  WorkerName,
} from '@claimlog/domain'
export { describeLogFormat, type LogFormat } from './internals/describe-log-format.ts'
export { type Moment, parseJson, type WorkspaceNotice } from '@claimlog/workspace'

// Text for people and agents.
export { beginningOf, printable, printableData, printableJson, printableLines } from '@claimlog/domain'
export {
  counted,
  durationMistake,
  type Failure,
  failureWords,
  failureWordsForAgents,
  formatDuration,
  isMachineTrouble,
  logWentBackWords,
  machineTroubleWords,
  noNextTask,
  parseDuration,
  type QueueFailure,
  refusalWords,
  refusalWordsForAgents,
  shellQuote,
  shownPath,
  untrackCommands,
  wentBackHint,
  type Words,
} from '@claimlog/messages'

// What the benchmark measures and makes.
export { realDisk } from '@claimlog/event-log-file'
export { replayLog, writeLog } from './internals/whole-log.ts'
