/** events.jsonl under `flock`: the event log that many processes of one machine share without a server. */
export { createFileLog } from './create-log.ts'
export { type Disk, type FileIdentity, type Opening, realDisk } from './disk.ts'
export type { EventCodec } from './event-codec.ts'
export { tryLockFile, withLockFile } from './exclusive-file.ts'
export { defaultLockTimeoutMs, type FileLogOptions, logFileName, openFileLog } from './file-log.ts'
export { maxLineBytes, sealLine } from './line.ts'
export { type LockProbe, probeLock } from './lock-probe.ts'
export { nativeLocksProblem } from './native-locks.ts'
export { networkFileSystem } from './network-file-system.ts'
export type { Durability } from './syncing.ts'
export {
  planRepair,
  type Repair,
  type RepairedLog,
  repairFileLog,
  type RepairOptions,
  type RepairPlan,
  type SoundLog,
} from './repair.ts'
export { realTimers, type Timers } from './timers.ts'
export { tornFileName } from './torn-tail.ts'
export { type Scan, scanFileLog } from './scan.ts'
export { unsyncedFileName } from './unsynced.ts'
