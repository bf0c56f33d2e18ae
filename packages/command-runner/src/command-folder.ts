import { rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TaskView, toDocument } from '@claimlog/wire'
import type { WorkerFolder } from './worker-folder.ts'

/** The folder for the files of one command, accessible only by this user. */
export type CommandFolder = {
  readonly path: string
  /** A file with the task as one line of JSON. */
  readonly inputPath: string
  /** The path to which the command may write its result. The file does not exist yet. */
  readonly resultPath: string
  /** Removes the folder and its contents; ignores errors. */
  readonly remove: () => Promise<void>
  /** Does the same synchronously, for a process that is about to exit. */
  readonly removeSync: () => void
}

/** Creates the folder for a command that runs `task`. Throws on disk errors. */
export const createCommandFolder = (parent: WorkerFolder, task: TaskView): CommandFolder => {
  const path = parent.makeSubfolder('command-')
  const inputPath = join(path, 'task')
  const options = { recursive: true, force: true } as const
  const removeSync = (): void => {
    try {
      rmSync(path, options)
    } catch {
      // Ignored, as below.
      return
    }
  }
  try {
    writeFileSync(inputPath, `${JSON.stringify(toDocument(task))}\n`)
  } catch (thrown) {
    removeSync()
    throw thrown
  }
  return {
    path,
    inputPath,
    resultPath: join(path, 'result'),
    // Files left behind in a temporary directory are no reason to lose a result.
    remove: () => rm(path, options).catch(() => undefined),
    removeSync,
  }
}
