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
import { findRefreshers, queueFileSeq, waitUntil } from '../support/queue-file.ts'

const program = fileURLToPath(new URL('../programs/add-large-tasks.mjs', import.meta.url))
const nativeModule = fileURLToPath(new URL('../../packages/claimlog/node_modules/fs-ext', import.meta.url))

/** This number of tasks of a kilobyte makes a `queue.json` of over 4 MiB. */
const largeTaskCount = 4500

/** Keeps other processes from writing a large file in the workspace, until the returned function is called. */
const blockRefreshers = ({ dir }: CliWorkspace): (() => void) => {
  const release = tryLockFile(join(dir, derivedFiles.refresher))
  if (release === undefined) throw new Error('a refresher is running in a new workspace')
  return release
}

const addTasks = async (workspace: CliWorkspace, count: number, path = program, ...scenario: ReadonlyArray<string>) => {
  const result = await run(process.execPath, [path, workspace.dir, String(count), ...scenario], {
    cwd: workspace.cwd,
  })
  expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' })
}

const lastSeq = (workspace: CliWorkspace): number => workspace.readEvents().at(-1)?.seq ?? 0

test('a program leaves a large queue.json to a separate process, which outlives it', async () => {
  const workspace = await newWorkspace()
  onTestFinished(() => waitUntil('the refresher has ended', () => findRefreshers(workspace).length === 0))
  const allowRefreshers = blockRefreshers(workspace)
  await addTasks(workspace, largeTaskCount)
  expect(queueFileSeq(workspace)).toBeLessThan(lastSeq(workspace))
  allowRefreshers()
  await addTasks(workspace, 1)
  await waitUntil('the file has all changes', () => queueFileSeq(workspace) === lastSeq(workspace))
})

test.each(['electron', 'no child processes'])(
  'a program writes it itself if it cannot start a process: %s',
  async scenario => {
    const workspace = await newWorkspace()
    onTestFinished(blockRefreshers(workspace))
    await addTasks(workspace, largeTaskCount, program, scenario)
    expect(queueFileSeq(workspace)).toBe(lastSeq(workspace))
  },
)

const requireBanner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"

test.each(['esm', 'cjs'] as const)('a program that bundles the library writes it itself: %s', async format => {
  const workspace = await newWorkspace()
  onTestFinished(blockRefreshers(workspace))
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
    // esbuild has no `require` for CommonJS modules in an ES module.
    banner: format === 'esm' ? { js: requireBanner } : {},
  })
  await addTasks(workspace, largeTaskCount, bundle)
  expect(queueFileSeq(workspace)).toBe(lastSeq(workspace))
})
