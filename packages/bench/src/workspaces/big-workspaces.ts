import { constants, cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { benchKind, settleDown } from './bench-queue.ts'
import { makeLog, type Tasks } from './log-maker.ts'

/** Ready tasks that are left in a workspace of finished tasks. */
const fewReady = 100

/** The contents of a workspace. */
export type Shape =
  | { readonly of: 'ready' | 'done'; readonly tasks: number }
  | { readonly of: 'in front'; readonly tasks: number; readonly front: number }
  | { readonly of: 'events'; readonly events: number }

/** Large workspaces, each created when it is first needed. */
export type BigWorkspaces = {
  /** Copies a workspace into `dir`, because measurements write to it, and returns the path. `events` has only a log. */
  readonly copyTo: (dir: string, shape: Shape) => Promise<string>
}

const groupsOf = (shape: Shape): ReadonlyArray<Tasks> => {
  switch (shape.of) {
    case 'ready':
      return [{ kind: benchKind, tasks: shape.tasks, done: 0 }]
    case 'done':
      return [{ kind: benchKind, tasks: shape.tasks, done: shape.tasks - fewReady }]
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

const nameOf = (shape: Shape): string => Object.values(shape).join('-').replace(' ', '-')

/** Large workspaces whose originals stay in one directory until the run ends. */
export const bigWorkspaces = (home: string, tell: (text: string) => void): BigWorkspaces => ({
  copyTo: async (dir, shape) => {
    const name = nameOf(shape)
    const original = join(home, name)
    if (!existsSync(original)) {
      tell(`making a workspace: ${name}`)
      makeLog(original, groupsOf(shape))
      if (shape.of !== 'events') await settleDown(original)
    }
    const copy = join(dir, name)
    cpSync(original, copy, { recursive: true, mode: constants.COPYFILE_FICLONE })
    return copy
  },
})
