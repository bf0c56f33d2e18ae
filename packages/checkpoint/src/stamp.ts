import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isStoreName, stampName, temporaryStampName } from './names.ts'

/**
 * What stands beside a checkpoint and says of which state it is, and what its file looked like when it was written. LMDB
 * cannot be asked whether a file is whole: opening garbage can end the process. So the file is judged before, by this.
 */
export type Stamp = {
  readonly format: number
  readonly workspace: string
  readonly seq: number
  /** The log's bookmark at `seq`: it names the history up to there. */
  readonly at: string
  /** Which start of the machine it was written in: what was not synced may be lost with the next. */
  readonly boot: string
  /** The name of the file, and what the file and its lock looked like to `stat`. */
  readonly file: string
  readonly identity: string
}

/** Changes with what is stored, and how. Another format is not read, and made anew. */
export const format = 1

/** The stamp as text; undefined: there is none. */
export const readStamp = (dir: string): string | undefined => {
  const path = join(dir, stampName)
  try {
    // A named pipe would have its reader wait for somebody to write.
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : ''
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

/** Puts a stamp in the place of the old one at once. */
export const writeStamp = (dir: string, stamp: Stamp): string => {
  const text = `${JSON.stringify(stamp)}\n`
  const path = join(dir, temporaryStampName)
  rmSync(path, { force: true })
  writeFileSync(path, text, { flag: 'wx' })
  renameSync(path, join(dir, stampName))
  return text
}

/** From here on the checkpoint is not to be trusted, until it has a stamp again. */
export const removeStamp = (dir: string): void => rmSync(join(dir, stampName), { force: true })

/** The stamp that `text` holds; a word why it cannot be trusted where it cannot. */
export const trustedStamp = (dir: string, text: string): Stamp | string => {
  const stamp = parsed(text)
  if (stamp === undefined) return 'its stamp is torn'
  if (stamp.format !== format) return 'another version of claimlog made it'
  if (stamp.boot !== bootId()) return 'the machine was started anew since'
  if (!isStoreName(stamp.file)) return 'its stamp names no file of a checkpoint'
  if (stamp.identity !== identityOf(join(dir, stamp.file))) return 'its file is not as it was written'
  return stamp
}

const parsed = (text: string): Stamp | undefined => {
  try {
    const stamp = JSON.parse(text) as Stamp | null
    return typeof stamp === 'object' && stamp !== null ? stamp : undefined
  } catch {
    return undefined
  }
}

/** Takes away all files of checkpoints but that of `kept`. Those who have one open go on with it. */
export const removeOtherFiles = (dir: string, kept: string): void => {
  for (const name of readdirSync(dir))
    if (isStoreName(name.replace(/-lock$/, '')) && !name.startsWith(kept)) rmSync(join(dir, name), { force: true })
}

/**
 * What the file at `path`, and LMDB's own lock beside it, look like; undefined: they are not both there. With another lock
 * file than its readers have, a writer would take away what they read.
 */
export const identityOf = (path: string): string | undefined => {
  const data = statSync(path, { bigint: true, throwIfNoEntry: false })
  const lock = statSync(`${path}-lock`, { bigint: true, throwIfNoEntry: false })
  if (data?.isFile() !== true || lock?.isFile() !== true) return undefined
  return `${data.dev}:${data.ino}:${data.size}:${data.mtimeNs} ${lock.ino}:${lock.size}`
}

/** Stands for the start of a machine that does not name it: there everything is synced. */
const unknownBoot = 'synced'

/** Which start of the machine this is. */
export const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    return unknownBoot
  }
}

/** Whether what is written must be synced, as nothing would tell after a power cut that it was not. */
export const mustSync = (): boolean => bootId() === unknownBoot
