/**
 * The internals that our own command line, server and benchmark use in addition to the library: not published, and
 * without any guarantee. Programs import `@claimlog/client`. Apart from this entry these tools import only
 * `@claimlog/codecs` and the documents of `@claimlog/wire`, which are not re-exported here. Every name is used
 * by a tool.
 */

// The queue: opening it, and the options and results of its methods.
export {
  type ImportResult,
  type LocalOptions,
  type LocalQueue,
  type QueueParts,
  openLocalQueue,
  type QueueQuery,
} from './local-queue.ts'
export { logDirectory, type QueuePlace } from './log/opened-log.ts'
export { createServerLog, inspectServerLog, printMigration } from './log/open-log.ts'
export { importTasks, loadImporters } from './import/import-tasks.ts'
export type { Amendment, CallOptions, ClaimOptions, ClaimSelector, ClaimNextOption } from './queue-methods.ts'
export type { EndClaimResult } from './typed-tasks.ts'
export { defaultLockTimeoutMs, runAndClose } from '@claimlog/event-log'
export { queryCheckpoint } from './internals/query-checkpoint.ts'
export { queryReadOnly } from './internals/query-read-only.ts'
export { type ChunkOptions, type ChunkQuery, streamChunks } from './internals/chunked-query.ts'

// The location of the queue, and of a new one.
export {
  absolutePath,
  defaultDirName,
  findLostLog,
  checkConfigurable,
  configureWorkspace,
  findPlace,
  findWorkspace,
  type LogPlace,
  type PlaceOnServer,
  requireScram,
  type PlaceChoice,
  withoutPassword,
  ignoreOwnFiles,
  checkIgnored,
  makeWorkspace,
  locateWorkspace,
  workingDirectory,
  type WorkspaceLocation,
} from '@claimlog/discovery'
export { logFileName, tornFileName } from '@claimlog/event-log-file'
export { queueFileName, startRefresher } from '@claimlog/queue-file'
export { initFromCopy, type CopyRefusal } from './internals/init-from-copy.ts'
export { findRelocation, type MovedLog, moveLog } from './move/move-log.ts'
export type { MoveRefusal } from './move/move-lines.ts'

// Queries of a state, for `LocalQueue.query`.
export {
  candidateKinds,
  candidateTasks,
  candidateWorkers,
  type WantedTasks,
} from './internals/completion-candidates.ts'
export { findLiveClaim, listLiveClaims, liveClaimHolders } from './internals/live-claims.ts'
export {
  countFinished,
  findDeparture,
  findTask,
  isKnownKind,
  countOpenByKind,
  listOpenNeeds,
  displayStatus,
  displayStatuses,
  taskIdsByPrefix,
  taskPage,
  unknownKinds,
  toWallTimeMs,
  workLeft,
} from '@claimlog/domain'
export { queueFile } from '@claimlog/queue-file'

// Workers, and waiting.
export { keepClaims, type KeepClaimsOptions, type RenewalEndReason } from './internals/keep-claims.ts'
export { runWorker } from './internals/run-worker.ts'
export type { HandlerContext, WorkerEvent, WorkerSummary } from '@claimlog/worker'
export { toClaimedTask, waitForAppend, pause } from '@claimlog/workspace'

// Values: their rules, parsing and formatting.
export { omitUndefined, toWireName, type Json } from '@claimlog/codecs'
export {
  Count,
  toElapsedTime,
  encodeEvent,
  type Event,
  isLive,
  Kind,
  type OpenKindCounts,
  Label,
  type ListQuery,
  logFormat,
  timeToMs,
  type NewTask,
  toWallTime,
  Priority,
  taskPriority,
  type Refusal,
  type DisplayStatus,
  type State,
  type Status,
  type Task,
  TaskId,
  eventTaskId,
  type Time,
  timeFromMs,
  type UnknownKind,
  WorkerName,
} from '@claimlog/domain'
export { describeLogFormat, type LogFormat } from './internals/describe-log-format.ts'
export { type PointInTime, parseJson, type WorkspaceNotice } from '@claimlog/workspace'

// Input.
export {
  batchLimit,
  type InputError,
  type InputLimit,
  readFileBytes,
  readTextFile,
  readTextStream,
  taskLinesLimit,
  toReadError,
  valueLimit,
} from './internals/read-input.ts'

// Text for people and agents.
export { truncateText, toPrintable, toPrintableData, toPrintableJson, toPrintableLines } from '@claimlog/domain'
export {
  pluralize,
  explainDurationError,
  type Failure,
  failureMessage,
  failureMessageForAgents,
  moveTargetHint,
  formatDuration,
  isResourceError,
  rewoundLogMessage,
  resourceErrorMessage,
  noNextTaskView,
  parseDuration,
  type QueueFailure,
  refusalMessage,
  refusalMessageForAgents,
  shellQuote,
  displayPath,
  untrackCommands,
  rewoundLogHint,
  type ErrorMessage,
} from '@claimlog/messages'

// For the benchmark.
export { realDisk } from '@claimlog/event-log-file'
export { replayLog, writeLog } from './internals/whole-log.ts'
