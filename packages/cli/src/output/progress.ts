import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/client/unstable-internals'
import { tell, tellsTerminal } from './output.ts'

/** Shorter work shows no progress. */
const quietMs = 500
const everyMs = 100
const width = 30

/**
 * Runs work over a log that reports the seq it has reached. Shows a progress bar on stderr if that is a terminal, once the
 * work has taken half a second. The total is estimated from the size of the first events.
 */
export const withProgress = async <A>(
  dir: string,
  done: string,
  work: (report: (seq: number) => void) => Promise<A>,
): Promise<A> => {
  if (!tellsTerminal()) return work(() => undefined)
  const startedAt = performance.now()
  let shownAt = startedAt + quietMs - everyMs
  const total = guessEvents(join(dir, logFileName))
  try {
    return await work(seq => {
      const now = performance.now()
      if (now - shownAt < everyMs) return
      shownAt = now
      const part = Math.min(1, seq / total)
      const bar = '█'.repeat(Math.round(part * width)).padEnd(width, '░')
      tell(`\r${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${seq} events ${done}`)
    })
  } finally {
    if (shownAt > startedAt + quietMs - everyMs) tell('\r\u001b[K')
  }
}

const sampleBytes = 64 * 1024

const guessEvents = (logPath: string): number => {
  const fd = openSync(logPath, 'r')
  try {
    const { size } = fstatSync(fd)
    const sample = Buffer.alloc(Math.min(size, sampleBytes))
    readSync(fd, sample, 0, sample.length, 0)
    const lines = sample.toString('latin1').split('\n').length - 1
    return Math.max(1, Math.round((size / Math.max(1, sample.length)) * lines))
  } finally {
    closeSync(fd)
  }
}
