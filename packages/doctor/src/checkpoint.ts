import { constants, type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Head } from '@claimlog/checkpoint'
import { isCheckpointFile } from '@claimlog/checkpoint/names'
import { counted } from '@claimlog/messages'
import { derivedFiles } from '@claimlog/queue-file'
import { lineCodec } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { compareKept, type Folded } from './kept-state.ts'
import { mayNot } from './permissions.ts'

const { dir: derivedDir, ...files } = derivedFiles
const known = new Set<string>(Object.values(files))

const isOurs = (name: string): boolean => known.has(`${derivedDir}/${name}`) || isCheckpointFile(name)

const isFolder = (name: string): boolean => `${derivedDir}/${name}` === derivedFiles.agents

const isOdd = (entry: Dirent): boolean => !(isFolder(entry.name) ? entry.isDirectory() : entry.isFile())

/** Whether what is kept to save work can be trusted. `folded`: what the log leads to; undefined: it could not be read so far. */
export const checkCheckpoint = async (dir: string, folded: Folded | undefined): Promise<Finding> => {
  const path = join(dir, derivedDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return findingOf('none is kept', [])
  if (!stats.isDirectory()) return findingOf('', [noFolder(stats.isSymbolicLink())])
  const refusal = mayNot(path, constants.R_OK | constants.W_OK | constants.X_OK)
  if (refusal !== undefined && refusal !== 'EROFS' && mayNot(dir, constants.W_OK) === undefined)
    return findingOf('', [closedFolder(stats.uid)])
  if (mayNot(path, constants.R_OK) !== undefined)
    return findingOf(`none is kept; you may not look into ${derivedDir}/`, [])
  const odd = readdirSync(path, { withFileTypes: true }).filter(entry => isOurs(entry.name) && isOdd(entry))
  if (odd.length > 0) return findingOf('', odd.map(noFile))
  const unknown = readdirSync(path).filter(name => !isOurs(name))
  if (unknown.length > 0) return { ...findingOf('', [strangers(unknown)]), unknown_files: unknown }
  return judged(dir, path, folded)
}

/** Whether what is kept is whole, of this log, and what the log says. */
const judged = async (dir: string, derived: string, folded: Folded | undefined): Promise<Finding> => {
  const { openCheckpoint } = await import('@claimlog/checkpoint')
  const { stamp, checkpoint, distrust } = openCheckpoint(derived)
  if (distrust !== undefined) return findingOf('', [untrusted(distrust)])
  if (stamp === undefined || checkpoint === undefined) return findingOf('none is kept', [])
  const { seq } = checkpoint.head
  try {
    checkpoint.verify()
  } catch (thrown) {
    return findingOf('', [damaged((thrown as Error).message)])
  } finally {
    checkpoint.close()
  }
  const differs = await compared(dir, checkpoint.head, folded)
  if (differs !== undefined) return findingOf('', [differs])
  const behind = folded === undefined ? '' : `, ${counted(Math.max(0, folded.get().seq - seq), 'event')} behind`
  return { ...findingOf(`the state is kept as of seq ${seq}${behind}`, []), seq }
}

/** Where it is of another history, or says something else than the log; undefined: neither. */
const compared = async (dir: string, { seq, at }: Head, folded: Folded | undefined): Promise<Flaw | undefined> => {
  const otherHistory = untrusted('the log holds another history')
  const opened = await openFileLog({ dir, codec: lineCodec })()
  if (E.isLeft(opened)) return otherHistory
  const log = opened.right
  try {
    const held = await log.holds({ seq, at })()
    if (E.isLeft(held) || !held.right) return otherHistory
    if (folded === undefined) return undefined
    const comparison = await compareKept({ dir, log, withLockFile }, folded)()
    if (E.isLeft(comparison) || comparison.right.kept !== 'other') return undefined
    return different(comparison.right.detail)
  } finally {
    await log.close()
  }
}

const untrusted = (why: string): Flaw => ({
  state: 'warning',
  message: `the state that is kept is not used, as ${why}; the log is read instead`,
  mend: `nothing need be done, the next command that has much to read keeps it anew; ${derivedDir}/ can be deleted at any time`,
})

const damaged = (why: string): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/${why}; no answer comes from it, the log is read instead`,
  mend: `nothing need be done, the file can be deleted and is made anew; where it comes back, have the disk checked`,
})

const different = (detail: string): Flaw => ({
  state: 'wrong',
  message: `the state that is kept is not what the log says: ${detail}`,
  mend: `delete ${derivedDir}/, which holds nothing that cannot be made anew, and report this: it is a defect of claimlog`,
})

const noFolder = (isLink: boolean): Flaw => ({
  state: 'warning',
  message: `${derivedDir} is ${isLink ? 'a symbolic link, which is not followed' : 'no directory'}, so queue.json cannot be kept up to date`,
  mend: 'move it away; the next command makes the directory',
})

const noFile = (entry: Dirent): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/${entry.name} is ${entry.isSymbolicLink() ? 'a symbolic link' : isFolder(entry.name) ? 'no directory' : 'no regular file'}, and is not used`,
  mend: `delete it; the next command makes a ${isFolder(entry.name) ? 'directory' : 'file'} of that name where one is needed`,
})

const closedFolder = (uid: number): Flaw => ({
  state: 'warning',
  message: `you may not write ${derivedDir}/, which belongs to uid ${uid}, so queue.json is not kept up to date for you`,
  mend: `ask uid ${uid} for access`,
})

const strangers = (names: ReadonlyArray<string>): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/ holds what this version does not know: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
  mend: 'a newer claimlog may have made it; nothing there is needed, and this version leaves it alone',
})
