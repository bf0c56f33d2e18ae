import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'
import type { Stranger } from './stranger.ts'

/** More events than a log may have before a checkpoint is written. */
const manyTasks = 5200

/** The life of a task, and a log that becomes long: every command prints the expected output, and nothing else. */
export const useCommandLine = async (stranger: Stranger, claimlog: string): Promise<void> => {
  const cwd = temporaryDirectory()
  const done = async (words: ReadonlyArray<string>, input?: string): Promise<string> => {
    const { status, stdout, stderr } = await stranger.run(claimlog, words, cwd, input)
    expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' })
    return stdout
  }
  const answered = async (words: ReadonlyArray<string>, input?: string): Promise<Record<string, unknown>> =>
    JSON.parse(await done(words, input)) as Record<string, unknown>

  expect(await done(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await answered(['init'])).toMatchObject({ ok: true, seq: 1 })
  await done(['add', 'docs', 'inspect-docs'])
  expect(await answered(['claim', 'ann', 'docs'])).toMatchObject({ task: { id: 'inspect-docs' }, claim: { token: 3 } })
  expect(await answered(['complete', 'ann', 'inspect-docs'])).toMatchObject({ task: { status: 'done' } })
  expect(await done(['trace', 'inspect-docs'])).toContain('ann')

  // The server is a separate bundle; it ends with its stdin.
  expect(await done(['mcp'])).toBe('')

  await done(['add', '-'], ndjson(...Array.from({ length: manyTasks }, () => ({ kind: 'ci' }))))
  const { task } = await answered(['claim', 'bob', 'ci'])
  expect(existsSync(join(cwd, '.claimlog', 'derived', 'checkpoint.stamp')), 'there is a checkpoint').toBe(true)
  expect(await answered(['claim', 'eve', 'ci'])).not.toMatchObject({ task })
  expect(await done(['trace', 'inspect-docs'])).toContain('ann')
  expect(await done(['replay', '--check'])).toContain('and so is the checkpoint')
  expect(await answered(['doctor', '--json'])).toMatchObject({ ok: true })
}
