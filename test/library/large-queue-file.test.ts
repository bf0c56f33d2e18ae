/**
 * A program must not block for the seconds that a large `queue.json` takes: if possible, it has another process write
 * it.
 */
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

/** This number of tasks of a kilobyte makes a `queue.json` of over 4 MiB. */
const many = 4500

/** Keeps other processes from writing a large file in the workspace, until the returned function is called. */
const keepRefreshersOut = ({ dir }: CliWorkspace): (() => void) => {
  const release = tryLockFile(join(dir, derivedFiles.refresher))
  if (release === undefined) throw new Error('a refresher is running in a new workspace')
  return release
}

const addTasks = async (workspace: CliWorkspace, count: number, path = program, ...likeness: ReadonlyArray<string>) => {
  const ran = await run(process.execPath, [path, workspace.dir, String(count), ...likeness], { cwd: workspace.cwd })
  expect(ran).toMatchObject({ status: 0, stdout: '', stderr: '' })
}

const endOfLog = (workspace: CliWorkspace): number => workspace.events().at(-1)?.seq ?? 0

test('a program leaves a large queue.json to a separate process, which outlives it', async () => {
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
  'a program writes it itself if it cannot start a process: %s',
  async likeness => {
    const workspace = await newWorkspace()
    onTestFinished(keepRefreshersOut(workspace))
    await addTasks(workspace, many, program, likeness)
    expect(seqOfFile(workspace)).toBe(endOfLog(workspace))
  },
)

test.each(['esm', 'cjs'] as const)('a program that bundles the library writes it itself: %s', async format => {
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
    // A CommonJS module has no import.meta.url.
    logOverride: { 'empty-import-meta': 'silent' },
  })
  await addTasks(workspace, many, bundle)
  expect(seqOfFile(workspace)).toBe(endOfLog(workspace))
})
