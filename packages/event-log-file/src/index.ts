/** events.jsonl under `flock`: the event log that many processes of one machine share without a server. */
export { createFileLog, type NetworkFileSystem } from './create-log.ts'
export { type Disk, type FileIdentity, realDisk } from './disk.ts'
export type { EventCodec } from './event-codec.ts'
export { withLockFile } from './exclusive-file.ts'
export { defaultLockTimeoutMs, type Durability, type FileLogOptions, logFileName, openFileLog } from './file-log.ts'
export { maxLineBytes } from './line.ts'
export { tornFileName } from './torn-tail.ts'
export { type Scan, scanFileLog } from './scan.ts'
