import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseOutput, claimlog, temporaryDirectory } from './claimlog-process.ts'

/** A line of the log as parsed JSON. */
export type LogLine = { readonly seq: number; readonly event: string } & Readonly<Record<string, unknown>>

/** A new workspace in a temporary directory, deleted after the test. */
export const newWorkspace = async (): Promise<string> => {
  const dir = temporaryDirectory()
  const { dir: workspaceDir } = parseOutput(await claimlog(['init', dir], { cwd: dir }))
  return workspaceDir as string
}

/** Adds `count` tasks of the kind `race`, in one decision: `prefix-1`, `prefix-2` … */
export const addTasks = (dir: string, prefix: string, count: number): Promise<ReadonlyArray<string>> =>
  addTasksByCommand({ cwd: dir, flags: ['--dir', dir], prefix, count })

/** The same, on the log that `flags` lead to. */
export const addTasksByCommand = async ({
  cwd,
  flags,
  prefix,
  count,
}: {
  readonly cwd: string
  readonly flags: ReadonlyArray<string>
  readonly prefix: string
  readonly count: number
}): Promise<ReadonlyArray<string>> => {
  const ids = Array.from({ length: count }, (_, i) => `${prefix}-${i + 1}`)
  const input = ids.map(taskId => `${JSON.stringify({ task_id: taskId, kind: 'race' })}\n`).join('')
  const result = await claimlog(['add', '-', ...flags], { cwd, input })
  if (result.status !== 0) throw new Error(`the tasks were not added: ${result.stdout}${result.stderr}`)
  return ids
}

export const readLogLines = (dir: string): ReadonlyArray<LogLine> =>
  readFileSync(join(dir, 'events.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as LogLine)

/** A claim as a command printed it: the token is the `seq` of its event. */
export type PrintedClaim = { readonly worker: string; readonly task_id: string; readonly token: number }

/** The claims in the log, in the form in which commands must have printed them. */
export const listClaims = (log: ReadonlyArray<LogLine>): ReadonlyArray<PrintedClaim> =>
  log
    .filter(({ event }) => event === 'claimed')
    .map(({ seq, worker, task_id }) => ({ worker, task_id, token: seq }) as PrintedClaim)

export const compareTokens = (a: PrintedClaim, b: PrintedClaim): number => a.token - b.token

/** The numbers 1 … `count`. */
export const numbersFromOne = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i + 1)
