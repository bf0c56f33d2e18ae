import { constants, type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { CheckpointHead } from '@claimlog/checkpoint'
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

/** Checks the checkpoint. `fold`: the state from the log; undefined if the log could not be read. */
export const checkCheckpoint = async (dir: string, folded: Folded | undefined): Promise<Finding> => {
  const path = join(dir, derivedDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return findingOf('there is no checkpoint', [])
  if (!stats.isDirectory()) return findingOf('', [noFolder(stats.isSymbolicLink())])
  const refusal = mayNot(path, constants.R_OK | constants.W_OK | constants.X_OK)
  if (refusal !== undefined && refusal !== 'EROFS' && mayNot(dir, constants.W_OK) === undefined)
    return findingOf('', [closedFolder(stats.uid)])
  if (mayNot(path, constants.R_OK) !== undefined)
    return findingOf(`you may not read ${derivedDir}/, so no checkpoint is used`, [])
  const odd = readdirSync(path, { withFileTypes: true }).filter(entry => isOurs(entry.name) && isOdd(entry))
  if (odd.length > 0) return findingOf('', odd.map(noFile))
  const unknown = readdirSync(path).filter(name => !isOurs(name))
  if (unknown.length > 0) return { ...findingOf('', [strangers(unknown)]), unknown_files: unknown }
  return judged(dir, path, folded)
}

/** Checks that the checkpoint is intact, belongs to this log, and agrees with it. */
const judged = async (dir: string, derived: string, folded: Folded | undefined): Promise<Finding> => {
  const { openCheckpoint } = await import('@claimlog/checkpoint')
  const { manifestText, checkpoint, untrustedReason } = openCheckpoint(derived)
  if (untrustedReason !== undefined) return findingOf('', [untrusted(untrustedReason)])
  if (manifestText === undefined || checkpoint === undefined) return findingOf('there is no checkpoint', [])
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
  return { ...findingOf(`there is a checkpoint at seq ${seq}${behind}`, []), seq }
}

/** Finds a conflict between the history or state of the checkpoint and the log; undefined if they agree. */
const compared = async (
  dir: string,
  { seq, at: location }: CheckpointHead,
  folded: Folded | undefined,
): Promise<Flaw | undefined> => {
  const otherHistory = untrusted('it belongs to a different history of the log')
  const opened = await openFileLog({ dir, codec: lineCodec })()
  if (E.isLeft(opened)) return otherHistory
  const log = opened.right
  try {
    const held = await log.contains({ seq, location })()
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
  message: `the checkpoint is not used, as ${why}; the log is read instead`,
  mend: `no action needed: the next command that reads many events saves a new one; ${derivedDir}/ can be deleted at any time`,
})

const damaged = (why: string): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/${why}; it is not used, and the log is read instead`,
  mend: `no action needed: the file can be deleted and is written again; if the damage returns, check the disk`,
})

const different = (detail: string): Flaw => ({
  state: 'wrong',
  message: `the checkpoint differs from the log: ${detail}`,
  mend: `delete ${derivedDir}/, which can be rebuilt from the log, and report this: it is a bug in claimlog`,
})

const noFolder = (isLink: boolean): Flaw => ({
  state: 'warning',
  message: `${derivedDir} is ${isLink ? 'a symbolic link, which is not followed' : 'not a directory'}, so queue.json cannot be kept up to date`,
  mend: 'move it away; the next command creates the directory',
})

const noFile = (entry: Dirent): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/${entry.name} is ${entry.isSymbolicLink() ? 'a symbolic link' : isFolder(entry.name) ? 'not a directory' : 'not a regular file'}, and is not used`,
  mend: `delete it; the next command creates a ${isFolder(entry.name) ? 'directory' : 'file'} of that name if it needs one`,
})

const closedFolder = (uid: number): Flaw => ({
  state: 'warning',
  message: `you may not write ${derivedDir}/, which belongs to uid ${uid}, so your commands cannot keep queue.json up to date`,
  mend: `ask uid ${uid} for access`,
})

const strangers = (names: ReadonlyArray<string>): Flaw => ({
  state: 'warning',
  message: `${derivedDir}/ has files that this version does not know: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
  mend: 'a newer claimlog may have created them; they are not needed, and this version does not touch them',
})
