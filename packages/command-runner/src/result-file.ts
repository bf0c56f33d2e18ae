import { constants, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { parseJson } from '@claimlog/workspace'
import type { WorkerFailed } from '@claimlog/messages'
import { Json } from '@claimlog/codecs'
import { notRead } from './worker-failures.ts'

/** What can be recorded, in bytes: with all that JSON may add to it, an event still fits its line of 1 MiB. */
const largestResult = 512 * 1024

/**
 * The result that was written to `path`: JSON as it is where it loses nothing by being read, else the text without one
 * line break at its end. `undefined`: nothing was written. Left: why it cannot be taken, in words, or why it cannot be
 * read although the command is not to blame.
 */
export const readResult =
  (path: string): TE.TaskEither<string | WorkerFailed, Json | undefined> =>
  async () => {
    const bytes = await readPatiently(path, largestResult + 1)()
    if (E.isLeft(bytes) || bytes.right === undefined || bytes.right.length === 0) return E.map(() => undefined)(bytes)
    if (bytes.right.length > largestResult) return E.left(tooLarge)
    const text = new TextDecoder().decode(bytes.right)
    const parsed = parseJson(text)
    const result = E.isRight(parsed) && Json.is(parsed.right) ? parsed.right : text.replace(/\r?\n$/, '')
    return Buffer.byteLength(JSON.stringify(result)) > largestResult ? E.left(tooLarge) : E.right(result)
  }

const tooLarge =
  'the result that it wrote to CLAIMLOG_RESULT is larger than 512 KiB; write it to a file and give the path as result'

/** Of a small file system a result may have this part. */
const partOfFileSystem = 1 / 4

/** Throws where a file system has no room for a result: one that is full of others' files has a little, as ours are gone. */
export const checkRoom = (path: string): void => {
  const { bavail, blocks, bsize } = statfsSync(path)
  if (bavail * bsize >= Math.min(largestResult, blocks * bsize * partOfFileSystem)) return
  throw Object.assign(new Error(`ENOSPC: no room is left for a result in ${path}`), { code: 'ENOSPC' })
}

/** The work is done already: what may pass is waited for. */
const readTries = 5
const betweenTriesMs = 200

/** What the system has too little of, or what is broken. */
const machineCodes: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EIO'])

const readPatiently =
  (path: string, length: number): TE.TaskEither<string | WorkerFailed, Buffer | undefined> =>
  async () => {
    for (let tries = 1; ; tries += 1) {
      const read = await readAtMost(path, length)()
      if (E.isRight(read) || typeof read.left === 'string' || tries === readTries) return read
      await sleep(betweenTriesMs)
    }
  }

/** The start of the file; `undefined`: there is none. Never waits, whatever the command put there. */
const readAtMost =
  (path: string, length: number): TE.TaskEither<string | WorkerFailed, Buffer | undefined> =>
  async () => {
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const seen = await file.stat()
        if (!seen.isFile()) return E.left('what it left at CLAIMLOG_RESULT is not a file')
        const bytes = Buffer.alloc(Math.min(length, seen.size))
        let read = 0
        while (read < bytes.length) {
          const { bytesRead } = await file.read(bytes, read, bytes.length - read, read)
          if (bytesRead === 0) break
          read += bytesRead
        }
        return E.right(bytes.subarray(0, read))
      } finally {
        await file.close()
      }
    } catch (thrown) {
      const { code, message } = thrown as NodeJS.ErrnoException
      if (code === 'ENOENT') return E.right(undefined)
      if (code !== undefined && machineCodes.has(code)) return E.left(notRead(path, thrown))
      return E.left(`the result that it wrote to CLAIMLOG_RESULT cannot be read: ${message}`)
    }
  }
