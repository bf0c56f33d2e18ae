import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/workspace-on-disk.ts'

const verifier = fileURLToPath(new URL('verify-chain.py', import.meta.url))

const payloads: ReadonlyArray<unknown> = [
  { text: 'Zwölf Boxkämpfer 日本語 עברית \u0301' },
  ['🦊', '👩‍👩‍👧', '\u{10ffff}'],
  'quote " backslash \\ slash / tab \t newline \n return \r nul \0 delete \u007f',
  { escapes: '\u2028\u2029\ufeff', hash: '00000000000000000000000000000000' },
  ',"hash":"00000000000000000000000000000000"}',
  { numbers: [0, -1, 0.1, 1e21, 5e-324, 9007199254740991], nothing: null, yes: true },
  { big: 'x'.repeat(300_000) },
  { big: 'ß🦊'.repeat(60_000) },
]

/** The bytes of a log that the command line wrote, with every kind of text that could break the chain. */
const unusualLog = async (): Promise<Buffer> => {
  const dir = await newWorkspace()
  const tasks = payloads.map((payload, i) => ({ task_id: `tâche-${i}`, kind: 'ünïcode', title: `№ ${i} 🦊`, payload }))
  const input = tasks.map(task => `${JSON.stringify(task)}\n`).join('')
  await claimlog(['add', '-', '--dir', dir], { cwd: dir, input })
  await claimlog(['claim', 'wörker-🦊', '--dir', dir], { cwd: dir })
  const result = JSON.stringify({ said: 'größer “than” it\nlooks' })
  await claimlog(['complete', 'wörker-🦊', 'tâche-0', '--result', result, '--dir', dir], { cwd: dir })
  return readFileSync(join(dir, 'events.jsonl'))
}

/** Runs the verifier on a log with these bytes. */
const runVerifier = async (bytes: Uint8Array): Promise<{ readonly status: number | null; readonly output: string }> => {
  const cwd = temporaryDirectory()
  const path = join(cwd, 'events.jsonl')
  writeFileSync(path, bytes)
  const { status, stdout, stderr } = await run('python3', [verifier, path], { cwd })
  return { status, output: `${stdout}${stderr}` }
}

describe('a verifier in another language, written from the format alone', () => {
  it('accepts every line of a log with unusual texts', async () => {
    expect(await runVerifier(await unusualLog())).toEqual({
      status: 0,
      output: `${payloads.length + 3} lines are valid\n`,
    })
  })

  it('finds a line that was changed', async () => {
    const text = (await unusualLog()).toString()
    const tampered = Buffer.from(text.replace('Boxkämpfer', 'Boxkampfer'))
    expect(await runVerifier(tampered)).toEqual({ status: 1, output: 'line 2 is not valid\n' })
  })

  it('finds where a line was removed', async () => {
    const lines = (await unusualLog()).toString().split(/^/m)
    const shortened = Buffer.from([...lines.slice(0, 3), ...lines.slice(4)].join(''))
    expect(await runVerifier(shortened)).toEqual({ status: 1, output: 'line 4 is not valid\n' })
  })
})
