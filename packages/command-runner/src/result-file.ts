import { constants, statfsSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { parseJson } from '@claimlog/workspace'
import type { WorkerFailed } from '@claimlog/messages'
import { Json } from '@claimlog/codecs'
import { resultNotRead } from './worker-failures.ts'

/** The maximum size of a result: even with JSON escapes, the event fits in its line of 1 MiB. */
const resultBytesMax = 512 * 1024

/**
 * Reads the result at `path`: a JSON value if parsing loses nothing, otherwise the text without one trailing line
 * break. `undefined`: there is none. Left: a message if the result is invalid, or a failure that is not the command's
 * fault.
 */
export const readResult =
  (path: string): TE.TaskEither<string | WorkerFailed, Json | undefined> =>
  async () => {
    const bytes = await readWithRetries(path, resultBytesMax + 1)()
    if (E.isLeft(bytes) || bytes.right === undefined || bytes.right.length === 0) return E.map(() => undefined)(bytes)
    if (bytes.right.length > resultBytesMax) return E.left(tooLarge)
    const text = new TextDecoder().decode(bytes.right)
    const parsed = parseJson(text)
    const result = E.isRight(parsed) && Json.is(parsed.right) ? parsed.right : text.replace(/\r?\n$/, '')
    return Buffer.byteLength(JSON.stringify(result)) > resultBytesMax ? E.left(tooLarge) : E.right(result)
  }

const tooLarge =
  'the result in CLAIMLOG_RESULT is larger than 512 KiB; write it to another file and return the path as the result'

/** The part of a small file system that must be free for a result. */
const fileSystemShare = 1 / 4

/**
 * Throws if a file system has no room for a result. One that other files fill has a little: ours are deleted by then.
 */
export const checkRoom = (path: string): void => {
  const { bavail, blocks, bsize } = statfsSync(path)
  if (bavail * bsize >= Math.min(resultBytesMax, blocks * bsize * fileSystemShare)) return
  throw Object.assign(new Error(`ENOSPC: no room is left for a result in ${path}`), { code: 'ENOSPC' })
}

/** The work is already done, so temporary failures are retried. */
const readTriesMax = 5
const retryDelayMs = 200

/** Error codes for missing resources or broken hardware. */
const machineCodes: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EIO'])

const readWithRetries =
  (path: string, length: number): TE.TaskEither<string | WorkerFailed, Buffer | undefined> =>
  async () => {
    for (let tries = 1; ; tries += 1) {
      const read = await readPrefix(path, length)()
      if (E.isRight(read) || typeof read.left === 'string' || tries === readTriesMax) return read
      await sleep(retryDelayMs)
    }
  }

/** Reads at most `length` bytes; `undefined`: the file does not exist. Never blocks, not on a pipe either. */
const readPrefix =
  (path: string, length: number): TE.TaskEither<string | WorkerFailed, Buffer | undefined> =>
  async () => {
    try {
      const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const stats = await file.stat()
        if (!stats.isFile()) return E.left('CLAIMLOG_RESULT is not a regular file')
        const bytes = Buffer.alloc(Math.min(length, stats.size))
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
      if (code !== undefined && machineCodes.has(code)) return E.left(resultNotRead(path, thrown))
      return E.left(`the result in CLAIMLOG_RESULT cannot be read: ${message}`)
    }
  }
