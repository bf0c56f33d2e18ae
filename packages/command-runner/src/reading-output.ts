import type { Readable } from 'node:stream'
import { lineSplitter } from './output-lines.ts'

/** Where output goes. */
export type OutputTaker = {
  /** Takes it as it comes. Nothing more is read until what it returns has resolved; so with the others. */
  readonly chunk?: (chunk: Buffer) => void | Promise<void>
  /** Nothing more comes. */
  readonly end?: () => void | Promise<void>
  /** Takes each line, at most 8 KiB a piece, without its line break. */
  readonly line?: (line: string) => void | Promise<void>
}

/** The output of a command while it is read. */
export type ReadOutput = {
  /**
   * To be called when the command is gone: resolves when all that it printed was taken. A process that left the group may
   * hold the stream open, or go on printing; so this waits no longer than nothing comes, nor for more than 1 MiB of it.
   * Rejects with what the taker threw.
   */
  readonly finish: () => Promise<void>
  /** Reads no more, and takes nothing that was read. */
  readonly drop: () => void
}

/** More than what a pipe and a stream hold of a command that is gone. */
const mostAfterEnd = 1024 * 1024

const quietMs = 250

/** Reads `stream` as fast as it is taken; what is not taken yet stays with the command, which waits. */
export const readOutput = (stream: Readable, taker: OutputTaker): ReadOutput => {
  let [length, limit, busy, dropped] = [0, Infinity, false, false]
  let thrown: { readonly error: unknown } | undefined
  const give = async (chunk: Buffer | undefined, lines: Iterable<string>): Promise<void> => {
    if (dropped || thrown !== undefined) return
    try {
      const taken = chunk === undefined ? taker.end?.() : taker.chunk?.(chunk)
      if (taken !== undefined) await taken
      if (taker.line === undefined) return
      for (const line of lines) {
        if (dropped) return
        const lineTaken = taker.line(line)
        if (lineTaken !== undefined) await lineTaken
      }
    } catch (error) {
      // The command must not stand still for it: what it prints from now on is read for nobody.
      thrown = { error }
    }
  }
  const readAll = async (): Promise<void> => {
    const splitter = lineSplitter()
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        busy = true
        length += chunk.length
        await give(chunk, splitter.take(chunk))
        // One that prints faster than it is read would leave timers no turn for megabytes.
        await new Promise(resolve => setImmediate(resolve))
        busy = false
        if (length > limit) break
      }
    } catch {
      // Torn off, by us or by the system: what came is what there is.
    }
    await give(undefined, splitter.end())
  }
  const ended = readAll()
  return {
    finish: async () => {
      limit = length + mostAfterEnd
      const stopWatching = whenQuiet({ progress: () => length, busy: () => busy }, () => stream.destroy())
      await ended
      stopWatching()
      if (thrown !== undefined) throw thrown.error
    },
    drop: () => {
      dropped = true
      stream.destroy()
    },
  }
}

type Watched = { readonly progress: () => number; readonly busy: () => boolean }

/** Calls `stop` when nothing has come for a while, though it would have been taken. Returns what ends the watch. */
const whenQuiet = ({ progress, busy }: Watched, stop: () => void): (() => void) => {
  let last = progress()
  const isQuiet = (): boolean => progress() === last && !busy()
  const timer = setInterval(() => {
    // What the system has for us is read between a timer and an immediate: a process that slept may have much of it.
    if (isQuiet()) setImmediate(() => isQuiet() && stop())
    last = progress()
  }, quietMs)
  return () => clearInterval(timer)
}
