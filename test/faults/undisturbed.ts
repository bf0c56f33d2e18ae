import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Finished } from '../support/claimlog-process.ts'
import { type CliWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { chainBreaks } from '../support/log/log-chain.ts'
import type { Line } from '../support/log/log-book.ts'
import { readAgainstPromises } from '../support/log/log-promises.ts'

/** Copies the workspace into a new directory with this name next to it. */
export const copyOf = (prepared: CliWorkspace, name: string): CliWorkspace => {
  const cwd = join(prepared.cwd, name)
  cpSync(prepared.dir, join(cwd, '.claimlog'), { recursive: true })
  return workspaceIn(cwd)
}

/** The log up to its last line break, without a torn tail. */
export const wholeLines = (workspace: CliWorkspace): string => {
  const text = workspace.text('events.jsonl')
  return text.slice(0, text.lastIndexOf('\n') + 1)
}

/** The errors in the complete lines of a log: format errors and broken promises. */
export const faultsInLog = (workspace: CliWorkspace): ReadonlyArray<unknown> => {
  const text = wholeLines(workspace)
  const lines = text.split('\n').slice(0, -1)
  return [...chainBreaks(text), ...readAgainstPromises(lines.map(line => JSON.parse(line) as Line)).broken]
}

/** Replaces all times and hashes, so that runs at different times can be compared. */
export const timeless = (text: string): string =>
  text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"T"').replace(/"hash":"[0-9a-f]{32}"/g, '"hash":"H"')

/** The content of a workspace without its times. */
export const standing = (workspace: CliWorkspace): { readonly log: string; readonly queue: string } => ({
  log: timeless(workspace.text('events.jsonl')),
  queue: existsSync(join(workspace.dir, 'queue.json')) ? timeless(workspace.text('queue.json')) : 'none',
})

/** True if a command has printed its whole result, and the result is `ok`. */
export const isAnswered = ({ stdout }: Finished): boolean => {
  try {
    return (JSON.parse(stdout) as { readonly ok?: unknown }).ok === true
  } catch {
    return false
  }
}

/** Checks that no message is a stack trace: the user did nothing wrong. */
export const expectNoStackTrace = (finished: Finished): void => {
  expect(`${finished.stdout}${finished.stderr}`).not.toMatch(/^\s+at /m)
}

/** Runs `work` for each of `items`, two at a time. */
export const sideBySide = async <A>(
  items: ReadonlyArray<A>,
  work: (item: A, index: number) => Promise<void>,
): Promise<void> => {
  const left = items.entries()
  const lane = async (): Promise<void> => {
    for (const [index, item] of left) await work(item, index)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

const lanes = 2
