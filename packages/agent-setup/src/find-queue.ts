import { existsSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { findCheckout, defaultDirName, findPlace, type PlaceChoice, withoutPassword } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import { type Failure, failureMessage } from '@claimlog/messages'
import type { QueueView } from '@claimlog/wire'

/** Finds the queue that an agent would use here, or the reason why there is none. */
export const findQueue = (choice: PlaceChoice): QueueView => {
  const place = findPlace(choice)
  if (E.isLeft(place)) return toProblem(place.left)
  // Nothing is asked of a server: a person may set up an agent while it is out of reach.
  if (place.right._tag === 'server') return { log: withoutPassword(place.right.url) }
  const { dir } = place.right
  // A directory from `--dir` may have no log.
  const path = join(dir, logFileName)
  return existsSync(path) ? { workspace: dir } : toProblem({ failure: 'NoLog', path })
}

const toProblem = (failure: Failure): QueueView => {
  const { error, message, hint } = failureMessage(failure)
  return { workspaceProblem: { error, message, hint } }
}

/** True if the queue is in the project folder itself, not in a parent folder. */
export const isProjectQueue = (project: string, { workspace }: QueueView): boolean =>
  workspace === join(project, defaultDirName)

/**
 * A warning if the project is a subdirectory: agents that are started at the top of the repository read the files
 * there.
 */
export const subdirectoryNote = (project: string): ReadonlyArray<string> => {
  const top = findCheckout(project)?.root
  const path = top === undefined ? '' : relative(top, realpathSync(project))
  if (path === '') return []
  return [
    `This is ${path} in the repository ${top}: an agent reads these files only if it is started here, not at the top.`,
  ]
}
