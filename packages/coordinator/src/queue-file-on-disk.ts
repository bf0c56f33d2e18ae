import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const queueFileName = 'queue.json'
/** Where an edit that somebody made by hand is kept. */
export const editedFileName = 'queue.edited.json'
/** What is derived and not `queue.json`, by its path in the workspace; can be deleted at any time. */
const derivedDirName = 'derived'
export const derivedFiles = {
  dir: derivedDirName,
  lock: join(derivedDirName, 'queue.lock'),
  stamp: join(derivedDirName, 'queue.stamp'),
  temporary: join(derivedDirName, 'queue.json.tmp'),
} as const

/** The file as it was found: an identity that changes with every change of the file, its text, the seq it names. */
export type FoundQueueFile = { readonly identity: string; readonly text: string; readonly seq: number | undefined }

/**
 * `queue.json` and the stamp beside it, which says what we last wrote: at which seq, and what the file looked like to
 * `stat` then. A file that still looks so was not edited, and need not be read to know it.
 */
export type QueueFileOnDisk = {
  readonly path: string
  /** Makes the folder for what is derived. */
  readonly prepare: () => void
  /** `stampedSeq`: the file is as we wrote it, at that seq. `identity`: undefined where there is no file. */
  readonly inspect: () => { readonly stampedSeq: number | undefined; readonly identity: string | undefined }
  readonly read: () => FoundQueueFile
  /** Puts `text` in the file's place at once, so that no reader ever sees a part of it. */
  readonly write: (text: string, seq: number) => void
  /** The file is to be judged by its text, whatever the stamp says. */
  readonly forgetStamp: () => void
  /** Keeps the file as `queue.edited.json`, an older one of that name under a number, and answers with its path. */
  readonly keepEdited: () => string
}

export const queueFileOnDisk = (dir: string): QueueFileOnDisk => {
  const filePath = join(dir, queueFileName)
  const derived = join(dir, derivedFiles.dir)
  const stampPath = join(dir, derivedFiles.stamp)
  const tempPath = join(dir, derivedFiles.temporary)

  return {
    path: filePath,
    prepare: () => {
      if (!existsSync(derived)) mkdirSync(derived)
    },
    inspect: () => {
      const identity = identityOf(filePath)
      const stamp = readIfThere(stampPath)?.split(' ') ?? []
      const stampedSeq = identity !== undefined && stamp[1] === identity ? Number(stamp[0]) : undefined
      return { stampedSeq, identity }
    },
    read: () => {
      // The identity is taken first: if the file changes in between, it is looked at once more.
      const identity = identityOf(filePath) ?? ''
      const text = readIfThere(filePath) ?? ''
      return { identity, text, seq: seqIn(text) }
    },
    write: (text, seq) => {
      writeAnew(tempPath, text)
      renameSync(tempPath, filePath)
      writeAnew(stampPath, `${seq} ${identityOf(filePath) ?? ''} `)
    },
    forgetStamp: () => rmSync(stampPath, { force: true }),
    keepEdited: () => {
      const keptAs = join(dir, editedFileName)
      if (existsSync(keptAs)) renameSync(keptAs, freeName(dir))
      renameSync(filePath, keptAs)
      return keptAs
    },
  }
}

const identityOf = (filePath: string): string | undefined => {
  const stats = statSync(filePath, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? undefined : `${stats.ino}:${stats.size}:${stats.mtimeNs}`
}

/** Writes a file of our own. Whatever has its name, a link to elsewhere for one, is removed and not followed. */
const writeAnew = (filePath: string, text: string): void => {
  rmSync(filePath, { force: true })
  writeFileSync(filePath, text, { flag: 'wx' })
}

const readIfThere = (filePath: string): string | undefined => {
  try {
    // A named pipe would have its reader wait for somebody to write.
    return statSync(filePath).isFile() ? readFileSync(filePath, 'utf8') : ''
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

const seqIn = (text: string): number | undefined => {
  const named = /"seq": (\d+)\n\}\n$/.exec(text)?.[1]
  return named === undefined ? undefined : Number(named)
}

const freeName = (dir: string): string => {
  for (let n = 1; ; n += 1) {
    const name = join(dir, `queue.edited.${n}.json`)
    if (!existsSync(name)) return name
  }
}
