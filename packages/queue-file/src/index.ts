/** `queue.json`, the projection of the state that people and other programs read: see README.md. */
export { derivedFiles, checkDerivedFolder, queueFileName, queueFileOnDisk } from './disk.ts'
export { readQueueFile, type Rewind, rewindFinder } from './classify-file.ts'
export { keepRefreshing, type RefresherOptions, startRefresher } from './refresher.ts'
export { type ChangedTasks, type LogWentBack, bytesMaxBySize, type QueueFileNotice } from './refresh.ts'
export { findFileDifference, findDifference, type TextDifference } from './chunked-text.ts'
export { queueFile, queueFileText, writeQueueFile } from './queue-file-text.ts'
export { openQueueFile, type QueueFileOptions, type QueueFileWriter } from './writer.ts'
