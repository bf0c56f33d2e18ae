/** `events.jsonl` under `flock`: an event log that many processes of one machine share without a server. */
export { createFileLog } from './create-log.ts'
export {
  readSlice,
  createFile,
  removeIfExists,
  systemErrorCode,
  type Disk,
  type FileIdentity,
  readHead,
  headBytes,
  type OpenMode,
  findOwnFile,
  realDisk,
  realTimers,
  type Timers,
  withDescriptor,
} from './disk/disk.ts'
export type { EventCodec } from '@claimlog/event-log-line'
export { tryLockFile, withLockFile } from './lock/file-lock.ts'
export { type FileLogOptions, logFileName, openFileLog } from './file-log.ts'
export { isSameFile, findLogFile } from './log-location.ts'
export {
  lineBytesMax,
  encodeLine,
  sha256Hex,
  sliceHash,
  type StoredLine,
  storedLineCodec,
} from '@claimlog/event-log-line'
export { type LockProbe, type NativeLock, findNativeLock, probeLock } from './lock/lock-probe.ts'
export { toIoFailed } from './disk/io-failure.ts'
export { networkFileSystem } from './disk/network-file-system.ts'
export { type Durability, unsyncedFileName } from './commit/sync.ts'
export {
  planRepair,
  type RepairFacts,
  type RepairedLog,
  type RepairFailure,
  repairFileLog,
  type RepairPlan,
  type SoundLog,
} from './repair/repair.ts'
export type { RepairOptions } from './repair/locked-log.ts'
export {
  type KeepSideFacts,
  keepSide,
  type KeptSide,
  type MergedLog,
  planSides,
  type SideFile,
} from './repair/keep-side.ts'
export { type LogInTheWay, rechainLog } from './repair/rechain.ts'
export { tornFileName } from './commit/torn-tail.ts'
export { readLogFile, type Scan, scanFileLog } from './read/scan.ts'
export { fileMoveTarget, type FileMoveTargetOptions } from './move/file-move-target.ts'
