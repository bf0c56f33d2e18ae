import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { claimlogPath, run } from '../support/claimlog-process.ts'
import { ndjson, newWorkspace } from '../support/cli-workspace.ts'
import { newLongLog } from '../support/long-log.ts'
import { startOnTerminal } from '../support/terminal-screen.ts'

const readSlowly = fileURLToPath(new URL('../programs/read-slowly.py', import.meta.url))
const allFormats = ['csv', 'json', 'mermaid', 'dot', 'otlp', 'chrome-trace', 'cloudevents', 'log']
const largeFormats = allFormats.filter(format => format !== 'otlp' && format !== 'chrome-trace')

test('a slow reader gets the same output as a fast one', async () => {
  const { cwd, readText, runOk } = await newWorkspace()
  // More than one read of the log returns, in batches that are smaller than one read.
  for (let batch = 0; batch < 8; batch += 1)
    await runOk(
      ['add', '-'],
      ndjson(...Array.from({ length: 300 }, () => ({ kind: 'docs', title: 'long'.repeat(60) }))),
    )
  const runWithSlowReader = (...words: ReadonlyArray<string>) =>
    run('python3', [readSlowly, process.execPath, claimlogPath, 'export', ...words], { cwd })
  expect(await runWithSlowReader('log')).toEqual({ status: 0, stdout: readText('events.jsonl'), stderr: '' })
  for (const format of ['csv', 'cloudevents'])
    expect(await runWithSlowReader(format)).toEqual(
      await run(process.execPath, [claimlogPath, 'export', format], { cwd }),
    )
})

test.for(largeFormats)('%s ends without an error if its reader closes the pipe early', async format => {
  const { cwd } = await newLongLog('a title that is long enough to fill a pipe')
  const pipeline = `"$0" "$1" export ${format} | head -n 1`
  const { status, stdout, stderr } = await run('sh', ['-c', pipeline, process.execPath, claimlogPath], { cwd })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
})

test.for(allFormats)('%s is complete without any tasks, and is refused without a workspace', async format => {
  const workspace = await newWorkspace()
  expect(await workspace.run(['export', format])).toMatchObject({ status: 0, stderr: '' })
  expect(await workspace.run(['export', format, '--dir', 'nowhere'])).toMatchObject({ status: 2, stdout: '' })
})

test.for(allFormats)('%s on a terminal has no control characters', async format => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'memo', '--title', 'a\u001b[2J\u0007\u202eb\rc'])
  await workspace.runOk(['claim', 'ann', 'docs'])
  await workspace.runOk(['complete', 'ann', 'memo', '--result', '"\u009b2J"'])
  const terminal = startOnTerminal([process.execPath, claimlogPath, 'export', format], { ...workspace, columns: 4000 })
  expect(await terminal.exitCode).toBe(0)
  const shown = terminal.screen().join('\n')
  expect(shown).toMatch(/(\\|#92;)u001b/)
  expect(shown).toMatch(/(\\|#92;)rc/)
  expect(shown).not.toMatch(/[\u0007\u001b\u0080-\u009f\u202e]/)
})
