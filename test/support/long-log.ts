import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type CliWorkspace, ndjson, newWorkspace, cliWorkspace } from './cli-workspace.ts'
import { temporaryDirectory } from './claimlog-process.ts'

/** More tasks than a log may have before claimlog saves a checkpoint of it. */
const longLogTasks = 4200

/** The text of each long log, by the title of its tasks: writing one takes longer than a test with it. */
const longLogs = new Map<string, string>()

const writeLongLog = async (title: string): Promise<string> => {
  const workspace = await newWorkspace()
  const task = (i: number): object => ({ task_id: `t${i}`, kind: i % 2 === 0 ? 'docs' : 'ci', title })
  await workspace.runOk(['add', '-'], ndjson(...Array.from({ length: longLogTasks }, (_, i) => task(i))))
  await workspace.runOk(['claim', 'ann', 'docs'])
  return workspace.readText('events.jsonl')
}

/**
 * A workspace whose log is long enough for a checkpoint, which has been saved. In a test file, the logs of those with one
 * title have the same bytes.
 */
export const newLongLog = async (title = 'the same'): Promise<CliWorkspace> => {
  const text = longLogs.get(title) ?? (await writeLongLog(title))
  longLogs.set(title, text)
  const workspace = createWorkspace(text)
  expect((await workspace.run(['why', 't1'])).status).toBe(0)
  return workspace
}

const createWorkspace = (logText: string): CliWorkspace => {
  const workspace = cliWorkspace(temporaryDirectory())
  mkdirSync(workspace.dir)
  writeFileSync(join(workspace.dir, 'events.jsonl'), logText)
  return workspace
}

/** The directory of derived files, and the files of the checkpoint in it. */
export const derivedPath = ({ dir }: CliWorkspace): string => join(dir, 'derived')
export const stampPath = (workspace: CliWorkspace): string => join(derivedPath(workspace), 'checkpoint.stamp')
export const findTreePath = (workspace: CliWorkspace): string => {
  const name = readdirSync(derivedPath(workspace)).find(fileName => fileName.endsWith('.tree'))
  if (name === undefined) throw new Error('there is no checkpoint')
  return join(derivedPath(workspace), name)
}

/** The seq of the checkpoint according to its stamp file; undefined if there is no checkpoint. */
export const checkpointSeq = (workspace: CliWorkspace): number | undefined =>
  existsSync(stampPath(workspace))
    ? (JSON.parse(readFileSync(stampPath(workspace), 'utf8')) as { head: { seq: number } }).head.seq
    : undefined

/** A workspace with the same log and no derived files. */
export const copyLogOnly = (workspace: CliWorkspace): CliWorkspace =>
  createWorkspace(workspace.readText('events.jsonl'))

/** Deletes all derived files. */
export const deleteDerived = (workspace: CliWorkspace): void => rmSync(derivedPath(workspace), { recursive: true })

/** A document without the values that differ between any two workspaces: paths and times. */
export const maskVolatile = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    ['dir', 'now', 'claimed_at', 'lease_until', 'opened_at', 'time'].includes(key) || key.endsWith('_ms') ? key : value,
  )

/**
 * Holds if the workspace gives the same answers as its log alone, with any derived files next to it. `firstStderr`: the
 * extra text that the first command, and no other, prints on stderr.
 */
export const expectAnswersMatchLog = async (workspace: CliWorkspace, firstStderr = /^$/): Promise<void> => {
  const expected = await answersOfLog(workspace)
  const [first, ...rest] = await collectAnswers(workspace)
  const { stderr } = first as { readonly stderr: string }
  expect(stderr).toMatch(firstStderr)
  expect([{ ...(first as object), stderr: '' }, ...rest]).toEqual(expected)
}

const knownAnswers = new Map<string, ReadonlyArray<unknown>>()

/** The answers of a workspace with the same log alone; once for all logs with the same bytes. */
const answersOfLog = async (workspace: CliWorkspace): Promise<ReadonlyArray<unknown>> => {
  const text = workspace.readText('events.jsonl')
  const answers = knownAnswers.get(text) ?? (await collectAnswers(copyLogOnly(workspace)))
  knownAnswers.set(text, answers)
  return answers
}

/** Holds if the checkpoint is equal to the state that its log folds to; rewrites `queue.json` for that. */
export const expectCheckpointMatchesLog = async (workspace: CliWorkspace): Promise<void> => {
  await workspace.runOk(['replay', '--json'])
  expect(await workspace.runOk(['replay', '--check', '--json'])).toMatchObject({ checkpoint: 'the same' })
}

/** The workspace's answers to queries, claims and completions, to compare with those of another workspace. */
const collectAnswers = async (workspace: CliWorkspace): Promise<ReadonlyArray<unknown>> => {
  const answers: Array<unknown> = []
  for (const args of [
    ['claim', 'bob', 'ci'],
    ['complete', 'ann', 't0'],
    ['list', '--json'],
    ['status', '--json'],
  ]) {
    const { status, stdout, stderr } = await workspace.run(args)
    answers.push({ args, status, stderr, answer: maskVolatile(stdout) })
  }
  const trace = JSON.parse((await workspace.run(['trace', 't0', '--json'])).stdout) as { readonly steps: unknown }
  return [...answers, maskVolatile(JSON.stringify(trace.steps))]
}
