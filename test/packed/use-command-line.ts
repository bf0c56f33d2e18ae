import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'
import type { CleanEnvironment } from './clean-install.ts'

/** More events than a log may have before a checkpoint is written. */
const checkpointTaskCount = 5200

/** The life of a task, and a log that becomes long: every command prints the expected output, and nothing else. */
export const useCommandLine = async (environment: CleanEnvironment, claimlog: string): Promise<void> => {
  const cwd = temporaryDirectory()
  const runOk = async (words: ReadonlyArray<string>, input?: string): Promise<string> => {
    const { status, stdout, stderr } = await environment.run(claimlog, words, cwd, input)
    expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' })
    return stdout
  }
  const runJson = async (words: ReadonlyArray<string>, input?: string): Promise<Record<string, unknown>> =>
    JSON.parse(await runOk(words, input)) as Record<string, unknown>

  expect(await runOk(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await runJson(['init'])).toMatchObject({ ok: true, seq: 1 })
  await runOk(['add', 'docs', 'inspect-docs'])
  expect(await runJson(['claim', 'ann', 'docs'])).toMatchObject({ task: { id: 'inspect-docs' }, claim: { token: 3 } })
  expect(await runJson(['complete', 'ann', 'inspect-docs'])).toMatchObject({ task: { status: 'done' } })
  expect(await runOk(['trace', 'inspect-docs'])).toContain('ann')

  // The server is a separate bundle; it ends with its stdin.
  expect(await runOk(['mcp'])).toBe('')

  await runOk(['add', '-'], ndjson(...Array.from({ length: checkpointTaskCount }, () => ({ kind: 'ci' }))))
  const { task } = await runJson(['claim', 'bob', 'ci'])
  expect(existsSync(join(cwd, '.claimlog', 'derived', 'checkpoint.stamp')), 'there is a checkpoint').toBe(true)
  expect(await runJson(['claim', 'eve', 'ci'])).not.toMatchObject({ task })
  expect(await runOk(['trace', 'inspect-docs'])).toContain('ann')
  expect(await runOk(['replay', '--check'])).toContain('and so is the checkpoint')
  expect(await runJson(['doctor', '--json'])).toMatchObject({ ok: true })
}
