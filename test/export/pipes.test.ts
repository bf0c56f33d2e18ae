import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { claimlogPath, run } from '../support/claimlog-process.ts'
import { ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { longLog } from '../support/long-log.ts'
import { onTerminal } from '../support/terminal-screen.ts'

const readSlowly = fileURLToPath(new URL('../programs/read-slowly.py', import.meta.url))
const every = ['csv', 'json', 'mermaid', 'dot', 'otlp', 'chrome-trace', 'cloudevents', 'log']
const large = every.filter(format => format !== 'otlp' && format !== 'chrome-trace')

test('a slow reader gets the same output as a fast one', async () => {
  const { cwd, text, done } = await newWorkspace()
  // More than one read of the log returns, in batches that are smaller than one read.
  for (let batch = 0; batch < 8; batch += 1)
    await done(['add', '-'], ndjson(...Array.from({ length: 300 }, () => ({ kind: 'docs', title: 'long'.repeat(60) }))))
  const slowly = (...words: ReadonlyArray<string>) =>
    run('python3', [readSlowly, process.execPath, claimlogPath, 'export', ...words], { cwd })
  expect(await slowly('log')).toEqual({ status: 0, stdout: text('events.jsonl'), stderr: '' })
  for (const format of ['csv', 'cloudevents'])
    expect(await slowly(format)).toEqual(await run(process.execPath, [claimlogPath, 'export', format], { cwd }))
})

test.for(large)('%s ends without an error if its reader closes the pipe early', async format => {
  const { cwd } = await longLog('a title that is long enough to fill a pipe')
  const pipeline = `"$0" "$1" export ${format} | head -n 1`
  const { status, stdout, stderr } = await run('sh', ['-c', pipeline, process.execPath, claimlogPath], { cwd })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
})

test.for(every)('%s is complete without any tasks, and is refused without a workspace', async format => {
  const workspace = await newWorkspace()
  expect(await workspace.run(['export', format])).toMatchObject({ status: 0, stderr: '' })
  expect(await workspace.run(['export', format, '--dir', 'nowhere'])).toMatchObject({ status: 2, stdout: '' })
})

test.for(every)('%s on a terminal has no control characters', async format => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'memo', '--title', 'a\u001b[2J\u0007\u202eb\rc'])
  await workspace.done(['claim', 'ann', 'docs'])
  await workspace.done(['complete', 'ann', 'memo', '--result', '"\u009b2J"'])
  const terminal = onTerminal([process.execPath, claimlogPath, 'export', format], { ...workspace, columns: 4000 })
  expect(await terminal.ended).toBe(0)
  const shown = terminal.screen().join('\n')
  expect(shown).toMatch(/(\\|#92;)u001b/)
  expect(shown).toMatch(/(\\|#92;)rc/)
  expect(shown).not.toMatch(/[\u0007\u001b\u0080-\u009f\u202e]/)
})
