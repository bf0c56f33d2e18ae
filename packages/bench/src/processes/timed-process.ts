import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measuredEnvironment } from '../measure/machine.ts'
import { nowMs } from '../measure/measurement.ts'

const claimlogPath = fileURLToPath(new URL('../../../claimlog/bin/claimlog.cjs', import.meta.url))
const peakMemoryHook = fileURLToPath(new URL('../../peak-memory.cjs', import.meta.url))

/** A program to run: arguments for Node, and additions to our environment. */
export type Program = {
  readonly args: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
}

/** The lower bound of any program on Node. */
export const bareNode: Program = { args: ['-e', '0'] }

/** The built command line, in the workspace at `dir`. */
export const claimlogProgram = (dir: string, ...words: ReadonlyArray<string>): Program => ({
  args: [claimlogPath, ...words],
  environment: { CLAIMLOG_DIR: dir },
})

/** Runs a program with this Node, and returns the milliseconds from start to exit. Throws unless it exits with 0. */
export const timeProcess = ({ args, environment }: Program): number => {
  const env = measuredEnvironment(environment)
  const startMs = nowMs()
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const tookMs = nowMs() - startMs
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}: ${String(stderr)}`)
  return tookMs
}

/** The peak memory of a program, in MiB; undefined if the system does not report it. */
export const measurePeakMemory = ({ args, environment }: Program, dir: string): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const path = join(dir, 'peak-memory')
  timeProcess({
    args: ['--require', peakMemoryHook, ...args],
    environment: { ...environment, CLAIMLOG_BENCH_PEAK_MEMORY: path },
  })
  const kib = Number(readFileSync(path, 'utf8'))
  rmSync(path)
  return kib / 1024
}

/** Rounds, from 5 to 40, for two alternating programs of about `tookMs` each to take about `budgetMs`. */
export const countRounds = (budgetMs: number, tookMs: number): number =>
  Math.min(40, Math.max(5, Math.round(budgetMs / (2 * tookMs))))
