/** `queue.json`, the projection of the state that people and other programs read: see README.md. */
export { derivedFiles, derivedFolderProblem, queueFileName, queueFileOnDisk } from './disk.ts'
export { readQueueFile, type Rewind, rewindFinder } from './judge.ts'
export { keepRefreshing, type RefresherOptions, startRefresher } from './refresher.ts'
export { type ChangedSince, type LogWentBack, maxBytesOf, type QueueFileNotice } from './state-machine.ts'
export { differenceOfFile, findDifference, type TextDifference } from './text-in-parts.ts'
export { queueFile, queueFileText, writeQueueFile } from './text.ts'
export { openQueueFile, type QueueFileOptions, type QueueFileWriter } from './writer.ts'
