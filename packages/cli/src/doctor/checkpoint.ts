import { constants, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { isCheckpointFile } from '@claimlog/checkpoint/names'
import { readStamp, trustedStamp } from '@claimlog/checkpoint/stamp'
import { counted, derivedFiles } from '@claimlog/coordinator/workspace'
import { lineCodec } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'
import { type Finding, findingOf, type Flaw } from './check.ts'
import { mayNot } from './may-not.ts'

const { dir: derivedDir, ...files } = derivedFiles
const known = new Set<string>(Object.values(files))

/** Whether what is kept to save work can be trusted. `seq`: where the log ends; undefined: it could not be read so far. */
export const checkCheckpoint = async (dir: string, seq: number | undefined): Promise<Finding> => {
  const path = join(dir, derivedDir)
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return findingOf('none is kept', [])
  if (!stats.isDirectory()) return findingOf('', [noFolder])
  const refusal = mayNot(path, constants.R_OK | constants.W_OK | constants.X_OK)
  if (refusal !== undefined && refusal !== 'EROFS' && mayNot(dir, constants.W_OK) === undefined)
    return findingOf('', [closedFolder(stats.uid)])
  if (mayNot(path, constants.R_OK) !== undefined)
    return findingOf(`none is kept; you may not look into ${derivedDir}/`, [])
  const unknown = readdirSync(path).filter(name => !known.has(`${derivedDir}/${name}`) && !isCheckpointFile(name))
  if (unknown.length > 0) return { ...findingOf('', [strangers(unknown)]), unknown_files: unknown }
  return judged(dir, path, seq)
}

/** What the stamp says, and whether the log goes on from there. */
const judged = async (dir: string, derived: string, end: number | undefined): Promise<Finding> => {
  const text = stampIn(derived)
  if (text === undefined) return findingOf('none is kept', [])
  const stamp = trustedStamp(derived, text)
  if (typeof stamp === 'string') return findingOf('', [untrusted(stamp)])
  const { seq, at } = stamp
  if (!(await goesOnFrom(dir, seq, at))) return findingOf('', [untrusted('the log holds another history')])
  const behind = end === undefined ? '' : `, ${counted(end - seq, 'event')} behind`
  return { ...findingOf(`the state is kept as of seq ${seq}${behind}`, []), seq }
}

/** One that may not be read is as good as one that makes no sense. */
const stampIn = (derived: string): string | undefined => {
  try {
    return readStamp(derived)
  } catch {
    return ''
  }
}

const goesOnFrom = async (dir: string, seq: number, at: string): Promise<boolean> => {
  const log = await openFileLog({ dir, codec: lineCodec })()
  if (E.isLeft(log)) return false
  const resumed = await log.right.resume({ seq, at })()
  await log.right.close()
  return E.isRight(resumed) && resumed.right
}

const untrusted = (why: string): Flaw => ({
  state: 'warning',
  message: `the state that is kept is not used, as ${why}; the log is read instead`,
  mend: `nothing need be done, the next command that has much to read keeps it anew; ${derivedDir}/ can be deleted at any time`,
})

const noFolder: Flaw = {
  state: 'warning',
  message: `${derivedDir} is no directory, so queue.json cannot be kept up to date`,
  mend: 'move it away; the next command makes the directory',
}

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
