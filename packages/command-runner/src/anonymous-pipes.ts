import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerFolder } from './worker-folder.ts'

/** Both ends of a pipe, as file descriptors that no program inherits unless it is given them. */
export type Pipe = { readonly readEnd: number; readonly writeEnd: number }

/** Pipes to be taken, made some at a time. */
export type AnonymousPipes = {
  /** A pipe for whoever asks, who closes it; undefined where none can be made. */
  readonly take: () => Promise<Pipe | undefined>
  /** Closes those that nobody has taken. */
  readonly close: () => void
}

/** So many commands' worth are made by one `mkfifo`: it costs as much as a command, and a pipe lying ready two open files. */
const madeAtOnce = 8

/**
 * Pipes as a shell makes them. What Node calls a pipe is a socket, and `echo … > /dev/stderr` or `tee /dev/stderr` fail on
 * those. Node cannot make one of its own; but a named one that has lost its name as both its ends are open is no other.
 */
export const anonymousPipes = (parent: WorkerFolder): AnonymousPipes => {
  const ready: Array<Pipe> = []
  let making: Promise<boolean> | undefined
  const make = async (): Promise<boolean> => {
    const folder = parent.makeInside('pipes-')
    try {
      const paths = Array.from({ length: madeAtOnce }, (_, i) => join(folder, String(i)))
      const made = spawn('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' })
      const [status] = (await once(made, 'exit')) as [number | null]
      if (status !== 0) return false
      for (const path of paths) ready.push(opened(path))
      return true
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const take = async (): Promise<Pipe | undefined> => {
    const pipe = ready.pop()
    if (pipe !== undefined) return pipe
    making ??= make()
      .catch(() => false)
      .finally(() => (making = undefined))
    // Others may have taken all by then; each round serves some.
    return (await making) ? take() : undefined
  }
  return {
    take,
    close: () => {
      for (const { readEnd, writeEnd } of ready.splice(0)) {
        closeSync(readEnd)
        closeSync(writeEnd)
      }
    },
  }
}

const opened = (path: string): Pipe => {
  // The end for reading first, and without waiting for the other.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) }
  } catch (thrown) {
    closeSync(readEnd)
    throw thrown
  }
}
