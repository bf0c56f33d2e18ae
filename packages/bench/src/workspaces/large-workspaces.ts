import { constants, cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { benchKind, writeDerivedFiles } from './bench-queue.ts'
import { makeLog, type TaskGroup } from './log-maker.ts'

/** Ready tasks that are left in a workspace of finished tasks. */
const readyRemaining = 100

/** The contents of a workspace. */
export type WorkspaceShape =
  | { readonly type: 'ready' | 'done'; readonly tasks: number }
  | { readonly type: 'in front'; readonly tasks: number; readonly front: number }
  | { readonly type: 'events'; readonly events: number }

/** Large workspaces, each created when it is first needed. */
export type LargeWorkspaces = {
  /** Copies a workspace into `dir`, because measurements write to it, and returns the path. `events` has only a log. */
  readonly createCopy: (dir: string, shape: WorkspaceShape) => Promise<string>
}

const listTaskGroups = (shape: WorkspaceShape): ReadonlyArray<TaskGroup> => {
  switch (shape.type) {
    case 'ready':
      return [{ kind: benchKind, tasks: shape.tasks, done: 0 }]
    case 'done':
      return [{ kind: benchKind, tasks: shape.tasks, done: shape.tasks - readyRemaining }]
    case 'in front':
      return [
        { kind: 'other', tasks: shape.front, done: 0 },
        { kind: benchKind, tasks: shape.tasks, done: 0 },
      ]
    case 'events': {
      const tasks = Math.floor((shape.events - 1) / 3)
      return [{ kind: benchKind, tasks, done: tasks }]
    }
  }
}

const formatShapeName = (shape: WorkspaceShape): string => Object.values(shape).join('-').replace(' ', '-')

/** Large workspaces whose originals stay in one directory until the run ends. */
export const createLargeWorkspaces = (
  originalsDir: string,
  reportProgress: (text: string) => void,
): LargeWorkspaces => ({
  createCopy: async (dir, shape) => {
    const name = formatShapeName(shape)
    const original = join(originalsDir, name)
    if (!existsSync(original)) {
      reportProgress(`creating a workspace: ${name}`)
      makeLog(original, listTaskGroups(shape))
      if (shape.type !== 'events') await writeDerivedFiles(original)
    }
    const copy = join(dir, name)
    cpSync(original, copy, { recursive: true, mode: constants.COPYFILE_FICLONE })
    return copy
  },
})
