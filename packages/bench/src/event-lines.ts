import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { cycle, makeWorkspace, openBenchWorkspace } from './bench-workspace.ts'

/** Makes a log in `dir` of `tasks` tasks, each added, claimed and completed: three events a task. */
export const makeWorkedLog = async (dir: string, tasks: number): Promise<void> => {
  await makeWorkspace(dir, tasks)
  const { workspace } = await openBenchWorkspace(dir, 'os')
  for (let done = 0; done < tasks; done += 1) await cycle(workspace, `worker-${(done % 8) + 1}`)
  await workspace.close()
}

/** The lines of the log in `dir`, without their newlines. */
export const linesOf = (dir: string): ReadonlyArray<string> =>
  readFileSync(join(dir, logFileName), 'utf8').trimEnd().split('\n')

/** Lines of claims and completions as a log has them. */
export const sampleLines = async (dir: string): Promise<ReadonlyArray<string>> => {
  const tasks = 500
  const sampleDir = join(dir, 'sample')
  mkdirSync(sampleDir, { recursive: true })
  await makeWorkedLog(sampleDir, tasks)
  return linesOf(sampleDir).slice(-2 * tasks)
}

/** A line of the mean length of `lines`, newline included. */
export const meanLine = (lines: ReadonlyArray<string>): string => {
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0) / lines.length
  return `${(lines[0] ?? '').padEnd(bytes).slice(0, Math.round(bytes) - 1)}\n`
}
