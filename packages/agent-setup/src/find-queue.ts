import { existsSync, realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { checkoutOf, defaultDirName, findWorkspace } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import { failureWords } from '@claimlog/messages'
import type { QueueView } from '@claimlog/wire'

/** The queue that an agent finds from here, or why it finds none. `named`: the directory, if a person named one. */
export const findQueue = (named: string | undefined): QueueView => {
  const found = findWorkspace(named)
  // A directory that was named need not hold a log.
  const isMissing = E.isRight(found) && !existsSync(join(found.right, logFileName))
  if (E.isRight(found) && !isMissing) return { workspace: found.right }
  const failure = E.isLeft(found) ? found.left : { failure: 'NoLog' as const, path: join(found.right, logFileName) }
  const { error, message, hint } = failureWords(failure)
  return { workspace_problem: { error, message, hint } }
}

/** Whether the queue is in the project's own folder, and not in one above it. */
export const isQueueIn = (project: string, { workspace }: QueueView): boolean =>
  workspace === join(project, defaultDirName)

/** Agents look at the top of a repository if they are started there. */
export const subdirectoryNote = (project: string): ReadonlyArray<string> => {
  const top = checkoutOf(project)?.root
  const path = top === undefined ? '' : relative(top, realpathSync(project))
  if (path === '') return []
  return [
    `This is ${path} in the repository ${top}: an agent reads these files if it is started here, not if it is started at the top.`,
  ]
}
