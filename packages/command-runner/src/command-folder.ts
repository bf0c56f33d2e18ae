import { rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskView } from '@claimlog/wire'
import type { WorkerFolder } from './worker-folder.ts'

/** The folder for the files of one command; only this user can look into it. */
export type CommandFolder = {
  readonly path: string
  /** A file that holds the task, as one line of JSON. */
  readonly inputPath: string
  /** Where the command may write its result. No file is there yet. */
  readonly resultPath: string
  /** Removes the folder, whatever was put into it, as far as it can be. */
  readonly remove: () => Promise<void>
  /** The same for a process that is about to end. */
  readonly removeAtOnce: () => void
}

/** A folder for a command that works at `task`. Throws where the disk says no. */
export const newCommandFolder = (parent: WorkerFolder, task: TaskView): CommandFolder => {
  const path = parent.makeInside('command-')
  const inputPath = join(path, 'task')
  const options = { recursive: true, force: true } as const
  const removeAtOnce = (): void => {
    try {
      rmSync(path, options)
    } catch {
      // As below.
      return
    }
  }
  try {
    writeFileSync(inputPath, `${JSON.stringify(task)}\n`)
  } catch (thrown) {
    removeAtOnce()
    throw thrown
  }
  return {
    path,
    inputPath,
    resultPath: join(path, 'result'),
    // What is left behind in a place for temporary files is no reason to lose a result.
    remove: () => rm(path, options).catch(() => undefined),
    removeAtOnce,
  }
}
