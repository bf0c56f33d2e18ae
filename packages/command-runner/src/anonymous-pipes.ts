import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerFolder } from './worker-folder.ts'

/** Both ends of a pipe, as file descriptors that are closed on exec unless passed explicitly. */
export type Pipe = { readonly readEnd: number; readonly writeEnd: number }

/** A supply of pipes, created in batches. */
export type AnonymousPipes = {
  /** Takes a pipe, which the caller must close; undefined if none can be created. */
  readonly take: () => Promise<Pipe | undefined>
  /** Closes the pipes that were not taken. */
  readonly close: () => void
}

/** The number of pipes per `mkfifo`, which costs as much as a command. An unused pipe keeps two files open. */
const batchSize = 8

/**
 * Creates pipes like those of a shell. A "pipe" of Node is a socket, and `echo … > /dev/stderr` fails on a socket, as
 * does `tee /dev/stderr`. Node cannot create anonymous pipes, but a named pipe that is deleted while both ends are open is
 * equivalent.
 */
export const anonymousPipes = (parent: WorkerFolder): AnonymousPipes => {
  const readyPipes: Array<Pipe> = []
  let pendingBatch: Promise<boolean> | undefined
  const makeBatch = async (): Promise<boolean> => {
    const folder = parent.makeSubfolder('pipes-')
    try {
      const paths = Array.from({ length: batchSize }, (_, i) => join(folder, String(i)))
      const mkfifo = spawn('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' })
      const [status] = (await once(mkfifo, 'exit')) as [number | null]
      if (status !== 0) return false
      for (const path of paths) readyPipes.push(openPipe(path))
      return true
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const take = async (): Promise<Pipe | undefined> => {
    const pipe = readyPipes.pop()
    if (pipe !== undefined) return pipe
    pendingBatch ??= makeBatch()
      .catch(() => false)
      .finally(() => (pendingBatch = undefined))
    // Concurrent calls may have taken all of them; each batch serves some.
    return (await pendingBatch) ? take() : undefined
  }
  return {
    take,
    close: () => {
      for (const { readEnd, writeEnd } of readyPipes.splice(0)) {
        closeSync(readEnd)
        closeSync(writeEnd)
      }
    },
  }
}

const openPipe = (path: string): Pipe => {
  // The read end first, non-blocking, so that it does not wait for the write end.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) }
  } catch (thrown) {
    closeSync(readEnd)
    throw thrown
  }
}
