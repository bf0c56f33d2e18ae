/** claimlog as a library: open a workspace on a log, run commands, read views, follow events. */
export {
  type Answer,
  type NoWorkspace,
  openWorkspace,
  type Order,
  type TaskAnswer,
  type Workspace,
  type WorkspaceOptions,
} from './workspace.ts'
export {
  type QueueFileNotice,
  type QueueFileOptions,
  type QueueFileWriter,
  queueFileWriter,
  type WithLockFile,
} from './queue-file.ts'
export { editedFileName, queueFileName } from './queue-file-on-disk.ts'
export { readNdjson } from './import/ndjson.ts'
export { readImport } from './import/read-import.ts'
export { parseJson } from './json-text.ts'
