import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { checkPromises } from '../support/log/log-promises.ts'

/** Copies the workspace into a new directory with this name next to it. */
export const copyWorkspace = (prepared: CliWorkspace, name: string): CliWorkspace => {
  const cwd = join(prepared.cwd, name)
  cpSync(prepared.dir, join(cwd, '.claimlog'), { recursive: true })
  return cliWorkspace(cwd)
}

/** The log up to its last line break, without a torn tail. */
export const completeLines = (workspace: CliWorkspace): string => {
  const text = workspace.readText('events.jsonl')
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

/** The errors in the complete lines of a log: format errors and broken promises. */
export const findLogErrors = (workspace: CliWorkspace): ReadonlyArray<unknown> => {
  const text = completeLines(workspace)
  const lines = text.split('\n').slice(0, -1)
  return [...findChainErrors(text), ...checkPromises(lines.map(line => JSON.parse(line) as CheckedLine)).broken]
}

/** Replaces all times and hashes, so that runs at different times can be compared. */
export const maskTimes = (text: string): string =>
  text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"T"').replace(/"hash":"[0-9a-f]{32}"/g, '"hash":"H"')

/** The content of a workspace without its times. */
export const workspaceContent = (workspace: CliWorkspace): { readonly log: string; readonly queue: string } => ({
  log: maskTimes(workspace.readText('events.jsonl')),
  queue: existsSync(join(workspace.dir, 'queue.json')) ? maskTimes(workspace.readText('queue.json')) : 'none',
})

/** True if a command has printed its whole result, and the result is `ok`. */
export const isComplete = ({ stdout }: ProcessResult): boolean => {
  try {
    return (JSON.parse(stdout) as { readonly ok?: unknown }).ok === true
  } catch {
    return false
  }
}

/** Checks that no message is a stack trace: the user did nothing wrong. */
export const expectNoStackTrace = ({ stdout, stderr }: ProcessResult): void => {
  expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m)
}

/** Runs `work` for each of `items`, two at a time. */
export const runInParallel = async <A>(
  items: ReadonlyArray<A>,
  work: (item: A, index: number) => Promise<void>,
): Promise<void> => {
  const entries = items.entries()
  const runLane = async (): Promise<void> => {
    for (const [index, item] of entries) await work(item, index)
  }
  await Promise.all(Array.from({ length: lanesMax }, runLane))
}

const lanesMax = 2
