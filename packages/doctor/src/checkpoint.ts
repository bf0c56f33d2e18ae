import { constants, type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { CheckpointHead } from '@claimlog/checkpoint'
import { isCheckpointFile } from '@claimlog/checkpoint/names'
import { pluralize } from '@claimlog/messages'
import { derivedFiles } from '@claimlog/queue-file'
import { lineCodec } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { type Finding, combineIssues, type Issue } from './finding.ts'
import { compareWithCheckpoint, type FoldedLog } from './checkpoint-comparison.ts'
import { accessError } from './access.ts'

const { dir: derivedDir, ...files } = derivedFiles
const derivedNames = new Set<string>(Object.values(files))

const isDerivedFile = (name: string): boolean => derivedNames.has(`${derivedDir}/${name}`) || isCheckpointFile(name)

const isDirectoryName = (name: string): boolean => `${derivedDir}/${name}` === derivedFiles.agents

const hasWrongType = (entry: Dirent): boolean => !(isDirectoryName(entry.name) ? entry.isDirectory() : entry.isFile())

/** Checks the checkpoint. `fold`: the state from the log; undefined if the log could not be read. */
export const checkCheckpoint = async (dir: string, fold: FoldedLog | undefined): Promise<Finding> => {
  const path = join(dir, derivedDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return combineIssues('there is no checkpoint', [])
  if (!stats.isDirectory()) return combineIssues('', [notADirectoryIssue(stats.isSymbolicLink())])
  const errorCode = accessError(path, constants.R_OK | constants.W_OK | constants.X_OK)
  if (errorCode !== undefined && errorCode !== 'EROFS' && accessError(dir, constants.W_OK) === undefined)
    return combineIssues('', [notWritableIssue(stats.uid)])
  if (accessError(path, constants.R_OK) !== undefined)
    return combineIssues(`you may not read ${derivedDir}/, so no checkpoint is used`, [])
  const wrongTypes = readdirSync(path, { withFileTypes: true }).filter(
    entry => isDerivedFile(entry.name) && hasWrongType(entry),
  )
  if (wrongTypes.length > 0) return combineIssues('', wrongTypes.map(wrongTypeIssue))
  const unknown = readdirSync(path).filter(name => !isDerivedFile(name))
  if (unknown.length > 0) return { ...combineIssues('', [unknownFilesIssue(unknown)]), unknownFiles: unknown }
  return checkContents(dir, path, fold)
}

/** Checks that the checkpoint is intact, belongs to this log, and agrees with it. */
const checkContents = async (dir: string, derived: string, fold: FoldedLog | undefined): Promise<Finding> => {
  const { openCheckpoint } = await import('@claimlog/checkpoint')
  const { manifestText, checkpoint, untrustedReason } = openCheckpoint(derived)
  if (untrustedReason !== undefined) return combineIssues('', [untrustedIssue(untrustedReason)])
  if (manifestText === undefined || checkpoint === undefined) return combineIssues('there is no checkpoint', [])
  const { seq } = checkpoint.head
  try {
    checkpoint.verify()
  } catch (thrown) {
    return combineIssues('', [damagedIssue((thrown as Error).message)])
  } finally {
    checkpoint.close()
  }
  const conflict = await findConflict(dir, checkpoint.head, fold)
  if (conflict !== undefined) return combineIssues('', [conflict])
  const behind = fold === undefined ? '' : `, ${pluralize(Math.max(0, fold.get().seq - seq), 'event')} behind`
  return { ...combineIssues(`there is a checkpoint at seq ${seq}${behind}`, []), seq }
}

/** Finds a conflict between the history or state of the checkpoint and the log; undefined if they agree. */
const findConflict = async (
  dir: string,
  { seq, at: location }: CheckpointHead,
  fold: FoldedLog | undefined,
): Promise<Issue | undefined> => {
  const otherHistory = untrustedIssue('it belongs to a different history of the log')
  const opened = await openFileLog({ dir, codec: lineCodec })()
  if (E.isLeft(opened)) return otherHistory
  const log = opened.right
  try {
    const contains = await log.contains({ seq, location })()
    if (E.isLeft(contains) || !contains.right) return otherHistory
    if (fold === undefined) return undefined
    const comparison = await compareWithCheckpoint({ dir, log, withLockFile }, fold)()
    if (E.isLeft(comparison) || comparison.right._tag !== 'different') return undefined
    return conflictIssue(comparison.right.detail)
  } finally {
    await log.close()
  }
}

const untrustedIssue = (reason: string): Issue => ({
  state: 'warning',
  message: `the checkpoint is not used, as ${reason}; the log is read instead`,
  mend: `no action needed: the next command that reads many events saves a new one; ${derivedDir}/ can be deleted at any time`,
})

const damagedIssue = (reason: string): Issue => ({
  state: 'warning',
  message: `${derivedDir}/${reason}; it is not used, and the log is read instead`,
  mend: `no action needed: the file can be deleted and is written again; if the damage returns, check the disk`,
})

const conflictIssue = (detail: string): Issue => ({
  state: 'wrong',
  message: `the checkpoint differs from the log: ${detail}`,
  mend: `this is a bug in claimlog: copy ${derivedDir}/ for the report, then delete it; it is rebuilt from the log`,
})

const notADirectoryIssue = (isLink: boolean): Issue => ({
  state: 'warning',
  message: `${derivedDir} is ${isLink ? 'a symbolic link, which is not followed' : 'not a directory'}, so queue.json cannot be kept up to date`,
  mend: 'move it away; the next command creates the directory',
})

const wrongTypeIssue = (entry: Dirent): Issue => ({
  state: 'warning',
  message: `${derivedDir}/${entry.name} is ${entry.isSymbolicLink() ? 'a symbolic link' : isDirectoryName(entry.name) ? 'not a directory' : 'not a regular file'}, and is not used`,
  mend: `delete it; the next command creates a ${isDirectoryName(entry.name) ? 'directory' : 'file'} of that name if it needs one`,
})

const notWritableIssue = (uid: number): Issue => ({
  state: 'warning',
  message: `you may not write ${derivedDir}/, which belongs to uid ${uid}, so your commands cannot keep queue.json up to date`,
  mend: `ask uid ${uid} for access`,
})

const unknownFilesIssue = (names: ReadonlyArray<string>): Issue => ({
  state: 'warning',
  message: `${derivedDir}/ has files that this version does not know: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
  mend: 'a newer claimlog may have created them; they are not needed, and this version does not touch them',
})
