import type { Readable } from 'node:stream'
import { lineSplitter } from './output-lines.ts'

/** A consumer of output. */
export type OutputConsumer = {
  /** Called for each chunk. Reading pauses until the returned promise resolves; the same for the other callbacks. */
  readonly chunk?: (chunk: Buffer) => void | Promise<void>
  /** Called at the end of the output. */
  readonly end?: () => void | Promise<void>
  /** Called for each line without its line break, in pieces of at most 8 KiB. */
  readonly line?: (line: string) => void | Promise<void>
}

/** The output of a command that is being read. */
export type OutputReader = {
  /**
   * Must be called when the command has exited. Resolves when all its output has been consumed. A process that left the
   * group may keep the stream open or continue to print, so this stops when the output pauses, or after 1 MiB. Rejects
   * with the error of the consumer.
   */
  readonly finish: () => Promise<void>
  /** Stops reading and discards what was read. */
  readonly discard: () => void
}

/** More than a pipe and a stream can buffer. */
const bytesAfterExitMax = 1024 * 1024

const quietMs = 250

/** Reads `stream` with backpressure: if the consumer is slow, the command blocks. */
export const readOutput = (stream: Readable, consumer: OutputConsumer): OutputReader => {
  let [length, limit, isBusy, isDiscarded] = [0, Infinity, false, false]
  let thrown: { readonly error: unknown } | undefined
  const consume = async (chunk: Buffer | undefined, lines: Iterable<string>): Promise<void> => {
    if (isDiscarded || thrown !== undefined) return
    try {
      const pendingChunk = chunk === undefined ? consumer.end?.() : consumer.chunk?.(chunk)
      if (pendingChunk !== undefined) await pendingChunk
      if (consumer.line === undefined) return
      for (const line of lines) {
        if (isDiscarded) return
        const pendingLine = consumer.line(line)
        if (pendingLine !== undefined) await pendingLine
      }
    } catch (error) {
      // The command must not block because of it: further output is read and discarded.
      thrown = { error }
    }
  }
  const readAll = async (): Promise<void> => {
    const splitter = lineSplitter()
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        isBusy = true
        length += chunk.length
        await consume(chunk, splitter.split(chunk))
        // Without this, a command that prints faster than it is read would block timers for megabytes.
        await new Promise(resolve => setImmediate(resolve))
        isBusy = false
        if (length > limit) break
      }
    } catch {
      // The stream was destroyed by us or by the system: the output so far is complete.
    }
    await consume(undefined, splitter.end())
  }
  const ended = readAll()
  return {
    finish: async () => {
      limit = length + bytesAfterExitMax
      const stopWatching = stopWhenQuiet({ progress: () => length, isBusy: () => isBusy }, () => stream.destroy())
      await ended
      stopWatching()
      if (thrown !== undefined) throw thrown.error
    },
    discard: () => {
      isDiscarded = true
      stream.destroy()
    },
  }
}

type ReadProgress = { readonly progress: () => number; readonly isBusy: () => boolean }

/**
 * Calls `stop` when the output pauses while the consumer is idle. Returns a function that cancels it.
 */
const stopWhenQuiet = ({ progress, isBusy }: ReadProgress, stop: () => void): (() => void) => {
  let last = progress()
  const isQuiet = (): boolean => progress() === last && !isBusy()
  const timer = setInterval(() => {
    // Buffered data is read between the timer and the immediate: after a sleep of the machine there may be much of it.
    if (isQuiet()) setImmediate(() => isQuiet() && stop())
    last = progress()
  }, quietMs)
  return () => clearInterval(timer)
}
