import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/client/unstable-internals'
import { benchKind } from './bench-queue.ts'
import { makeLog } from './log-maker.ts'

/** The lines of the log in `dir`, without their newlines. */
export const readLogLines = (dir: string): ReadonlyArray<string> =>
  readFileSync(join(dir, logFileName), 'utf8').trimEnd().split('\n')

/** Lines of claims and completions from a log, which is created in `dir`. */
export const createSampleLines = (dir: string): ReadonlyArray<string> => {
  const tasks = 500
  makeLog(dir, [{ kind: benchKind, tasks, done: tasks }])
  return readLogLines(dir).slice(-2 * tasks)
}

/** A line with the mean length of `lines`, newline included. */
export const createMeanLine = (lines: ReadonlyArray<string>): string => {
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0) / lines.length
  return `${(lines[0] ?? '').padEnd(bytes).slice(0, Math.round(bytes) - 1)}\n`
}
