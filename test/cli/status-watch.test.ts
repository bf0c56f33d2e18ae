import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'

type Watcher = { readonly process: ChildProcess; readonly nextLine: () => Promise<string> }

const watchStatus = ({ cwd }: CliWorkspace, ...words: ReadonlyArray<string>): Watcher => {
  const child = spawn(process.execPath, [claimlogPath, 'status', '--watch', ...words], { cwd, env: cleanEnvironment() })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return { process: child, nextLine: async () => String((await lines.next()).value) }
}

const readCounts = (line: string): unknown => {
  const { tasks, seq, kinds } = JSON.parse(line) as Record<string, unknown>
  return { tasks, seq, kinds: (kinds as ReadonlyArray<{ kind: string }>).map(({ kind }) => kind) }
}

test('status --watch in a pipe prints the workspace after each change, as one JSON document per line', async () => {
  const workspace = await newWorkspace()
  const { nextLine, process: watcher } = watchStatus(workspace, '--json')
  expect(readCounts(await nextLine())).toEqual({ tasks: 0, seq: 1, kinds: [] })
  await workspace.runOk(['add', 'docs'])
  expect(readCounts(await nextLine())).toEqual({ tasks: 1, seq: 2, kinds: ['docs'] })
  const ended = once(watcher, 'exit')
  watcher.kill('SIGINT')
  expect(await ended).toEqual([130, null])
})

test('status --watch in a pipe prints the same table as status, and ends at SIGTERM', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs'])
  const { nextLine, process: watcher } = watchStatus(workspace)
  expect(await nextLine()).toMatch(/^\.claimlog: 1 task, 2 events/)
  expect(await nextLine()).toBe('')
  expect(await nextLine()).toMatch(/^KIND +READY/)
  expect(await nextLine()).toMatch(/^docs +1/)
  const ended = once(watcher, 'exit')
  watcher.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('status --watch with --at is refused, because the past does not change', async () => {
  const workspace = await newWorkspace()
  const { status, stderr } = await workspace.run(['status', '--watch', '--at', '1'])
  expect([status, stderr]).toEqual([
    2,
    'claimlog: --at shows a state of the past, which does not change (usage)\n  use --at or --watch\n',
  ])
})
