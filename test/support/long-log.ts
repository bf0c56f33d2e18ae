import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type CliWorkspace, ndjson, newWorkspace, workspaceIn } from './cli-workspace.ts'
import { temporaryDirectory } from './claimlog-process.ts'

/** More tasks than a log may have before claimlog saves a checkpoint of it. */
const manyTasks = 4200

/** A workspace whose log is long enough for a checkpoint, which has been saved. */
export const longLog = async (title = 'the same'): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const task = (i: number): object => ({ task_id: `t${i}`, kind: i % 2 === 0 ? 'docs' : 'ci', title })
  await workspace.done(['add', '-'], ndjson(...Array.from({ length: manyTasks }, (_, i) => task(i))))
  await workspace.done(['claim', 'ann', 'docs'])
  return workspace
}

/** The directory of derived files, and the files of the checkpoint in it. */
export const derivedOf = ({ dir }: CliWorkspace): string => join(dir, 'derived')
export const stampOf = (workspace: CliWorkspace): string => join(derivedOf(workspace), 'checkpoint.stamp')
export const storeOf = (workspace: CliWorkspace): string => {
  const name = readdirSync(derivedOf(workspace)).find(each => each.endsWith('.tree'))
  if (name === undefined) throw new Error('there is no checkpoint')
  return join(derivedOf(workspace), name)
}

/** The seq of the checkpoint according to its stamp file; undefined if there is no checkpoint. */
export const keptSeq = (workspace: CliWorkspace): number | undefined =>
  existsSync(stampOf(workspace))
    ? (JSON.parse(readFileSync(stampOf(workspace), 'utf8')) as { head: { seq: number } }).head.seq
    : undefined

/** A workspace with the same log and no derived files. */
export const withoutDerived = (workspace: CliWorkspace): CliWorkspace => {
  const twin = workspaceIn(temporaryDirectory())
  mkdirSync(twin.dir)
  cpSync(join(workspace.dir, 'events.jsonl'), join(twin.dir, 'events.jsonl'))
  return twin
}

/** Deletes all derived files. */
export const forgetDerived = (workspace: CliWorkspace): void => rmSync(derivedOf(workspace), { recursive: true })

/** A document without the values that differ between any two workspaces: paths and times. */
export const comparable = (text: string): unknown =>
  JSON.parse(text, (key, value: unknown) =>
    ['dir', 'now', 'claimed_at', 'lease_until', 'opened_at', 'time'].includes(key) || key.endsWith('_ms') ? key : value,
  )

/**
 * Holds if the workspace gives the same answers as its log alone, with any derived files next to it. `toldFirst`: the
 * extra text that the first command, and no other, prints on stderr.
 */
export const expectAnswersOfItsLog = async (workspace: CliWorkspace, toldFirst = /^$/): Promise<void> => {
  const expected = await answersOf(withoutDerived(workspace))
  const [first, ...rest] = await answersOf(workspace)
  const { stderr } = first as { readonly stderr: string }
  expect(stderr).toMatch(toldFirst)
  expect([{ ...(first as object), stderr: '' }, ...rest]).toEqual(expected)
}

/** Holds if the checkpoint is equal to the state that its log folds to; rewrites `queue.json` for that. */
export const expectKeptAsItsLog = async (workspace: CliWorkspace): Promise<void> => {
  await workspace.done(['replay', '--json'])
  expect(await workspace.done(['replay', '--check', '--json'])).toMatchObject({ checkpoint: 'the same' })
}

/** The workspace's answers to queries, claims and completions, to compare with those of another workspace. */
const answersOf = async (workspace: CliWorkspace): Promise<ReadonlyArray<unknown>> => {
  const answers: Array<unknown> = []
  for (const words of [
    ['claim', 'bob', 'ci'],
    ['complete', 'ann', 't0'],
    ['list', '--json'],
    ['status', '--json'],
  ]) {
    const { status, stdout, stderr } = await workspace.run(words)
    answers.push({ words, status, stderr, answer: comparable(stdout) })
  }
  const traced = JSON.parse((await workspace.run(['trace', 't0', '--json'])).stdout) as { readonly steps: unknown }
  return [...answers, comparable(JSON.stringify(traced.steps))]
}
