import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/client/unstable-internals'
import { writeStderr, isStderrTerminal } from './output.ts'

/** Shorter work shows no progress. */
const quietMsMax = 500
const redrawIntervalMs = 100
const barWidth = 30

/**
 * Runs work over a log that reports the seq it has reached. Shows a progress bar on stderr if that is a terminal, once the
 * work has taken half a second. The total is estimated from the size of the first events of the log in `dir`; undefined:
 * the log is on a server, and only the number is shown.
 */
export const withProgress = async <A>(
  dir: string | undefined,
  verb: string,
  work: (report: (seq: number) => void) => Promise<A>,
): Promise<A> => {
  if (!isStderrTerminal()) return work(() => undefined)
  const startMs = performance.now()
  let lastDrawMs = startMs + quietMsMax - redrawIntervalMs
  const total = dir === undefined ? undefined : guessEvents(join(dir, logFileName))
  try {
    return await work(seq => {
      const now = performance.now()
      if (now - lastDrawMs < redrawIntervalMs) return
      lastDrawMs = now
      writeStderr(`\r${total === undefined ? '' : formatBar(Math.min(1, seq / total))}${seq} events ${verb}`)
    })
  } finally {
    if (lastDrawMs > startMs + quietMsMax - redrawIntervalMs) writeStderr('\r\u001b[K')
  }
}

const formatBar = (fraction: number): string => {
  const bar = '█'.repeat(Math.round(fraction * barWidth)).padEnd(barWidth, '░')
  return `${bar} ${String(Math.floor(fraction * 100)).padStart(3)} %  `
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
