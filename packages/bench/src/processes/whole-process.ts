import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { plainEnvironment } from '../measure/machine.ts'
import { nowMs } from '../measure/measuring.ts'

const claimlog = fileURLToPath(new URL('../../../cli/bin/claimlog.cjs', import.meta.url))
const peakMemory = fileURLToPath(new URL('../../peak-memory.cjs', import.meta.url))

/** What is run: arguments of Node, and what is in its environment beside what is in ours. */
export type Program = {
  readonly args: ReadonlyArray<string>
  readonly environment?: Readonly<Record<string, string>>
}

/** The least that any program on Node takes. */
export const bareNode: Program = { args: ['-e', '0'] }

/** The command line, as it is built, in the workspace at `dir`. */
export const commandLine = (dir: string, ...words: ReadonlyArray<string>): Program => ({
  args: [claimlog, ...words],
  environment: { CLAIMLOG_DIR: dir },
})

/** Runs a program of this very Node from its start to its end; milliseconds. Throws unless it ends with code 0. */
export const wholeProcess = ({ args, environment }: Program): number => {
  const env = plainEnvironment(environment)
  const startedAt = nowMs()
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const tookMs = nowMs() - startedAt
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return tookMs
}

/** The most memory that a program has while it runs, in MiB; undefined where the system does not tell. */
export const peakMemoryOf = ({ args, environment }: Program, dir: string): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const path = join(dir, 'peak-memory')
  wholeProcess({
    args: ['--require', peakMemory, ...args],
    environment: { ...environment, CLAIMLOG_BENCH_PEAK_MEMORY: path },
  })
  const kib = Number(readFileSync(path, 'utf8'))
  rmSync(path)
  return kib / 1024
}

/** How often something of `tookMs` is measured, beside something else, in about `budgetMs`: 5 to 40 times. */
export const roundsIn = (budgetMs: number, tookMs: number): number =>
  Math.min(40, Math.max(5, Math.round(budgetMs / (2 * tookMs))))
