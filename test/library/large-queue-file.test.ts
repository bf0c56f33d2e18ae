/** A program must not stand still for the seconds that a large `queue.json` takes: where it can, it has another process write it. */
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { tryLockFile } from '@claimlog/event-log-file'
import { derivedFiles } from '@claimlog/queue-file'
import { run, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { refreshersOf, seqOfFile, until } from '../support/queue-file.ts'

const program = fileURLToPath(new URL('../programs/add-large-tasks.mjs', import.meta.url))
const nativeModule = fileURLToPath(new URL('../../packages/client/node_modules/fs-ext', import.meta.url))

/** So many tasks of a kilobyte have a `queue.json` of over 4 MiB. */
const many = 4500

/** Keeps every other process from writing a large file in the workspace, until the test lets it. */
const keepRefreshersOut = ({ dir }: CliWorkspace): (() => void) => {
  const release = tryLockFile(join(dir, derivedFiles.refresher))
  if (release === undefined) throw new Error('a refresher is at work in a new workspace')
  return release
}

const addTasks = async (workspace: CliWorkspace, count: number, path = program, ...likeness: ReadonlyArray<string>) => {
  const ran = await run(process.execPath, [path, workspace.dir, String(count), ...likeness], { cwd: workspace.cwd })
  expect(ran).toMatchObject({ status: 0, stdout: '', stderr: '' })
}

const endOfLog = (workspace: CliWorkspace): number => workspace.events().at(-1)?.seq ?? 0

test('a program leaves a large queue.json to a process of its own, which outlives it', async () => {
  const workspace = await newWorkspace()
  onTestFinished(() => until('the refresher has ended', () => refreshersOf(workspace).length === 0))
  const letRefreshersIn = keepRefreshersOut(workspace)
  await addTasks(workspace, many)
  expect(seqOfFile(workspace)).toBeLessThan(endOfLog(workspace))
  letRefreshersIn()
  await addTasks(workspace, 1)
  await until('the file has all changes', () => seqOfFile(workspace) === endOfLog(workspace))
})

test.each(['electron', 'no child processes'])(
  'a program writes it itself where it cannot start one: %s',
  async likeness => {
    const workspace = await newWorkspace()
    onTestFinished(keepRefreshersOut(workspace))
    await addTasks(workspace, many, program, likeness)
    expect(seqOfFile(workspace)).toBe(endOfLog(workspace))
  },
)

test.each(['esm', 'cjs'] as const)(
  'a program that has the library in its own bundle writes it itself: %s',
  async format => {
    const workspace = await newWorkspace()
    onTestFinished(keepRefreshersOut(workspace))
    const folder = temporaryDirectory()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(nativeModule, join(folder, 'node_modules/fs-ext'))
    const bundle = join(folder, format === 'esm' ? 'program.mjs' : 'program.cjs')
    await build({
      entryPoints: [program],
      outfile: bundle,
      bundle: true,
      platform: 'node',
      format,
      external: ['fs-ext'],
      // A module of CommonJS has no address.
      logOverride: { 'empty-import-meta': 'silent' },
    })
    await addTasks(workspace, many, bundle)
    expect(seqOfFile(workspace)).toBe(endOfLog(workspace))
  },
)
