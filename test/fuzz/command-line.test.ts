import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../packages/wire/src/error-codes.ts'
import { claimlog, claimlogPath, type ProcessResult, run } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { generateWords } from './generate-words.ts'
import { generateJson, generateText } from './generate-values.ts'
import { findHiddenCharacter } from './rendered-text.ts'

const createWorkspaceWithTask = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'a'])
  return workspace
}

const readLog = ({ dir }: CliWorkspace): string => readFileSync(join(dir, 'events.jsonl'), 'latin1')

/** The error code, from the JSON document for programs or from the message for people. */
const findErrorCode = ({ stdout, stderr }: ProcessResult): string => {
  if (!stdout.startsWith('{')) return /\((\w+)\)\n/.exec(stderr)?.[1] ?? ''
  return (JSON.parse(stdout) as { readonly error: string }).error
}

/** Checks what holds for every end of a command, given the log before it started. */
const expectDocumentedEnd = (
  workspace: CliWorkspace,
  earlierLog: string,
  words: ReadonlyArray<string>,
  result: ProcessResult,
) => {
  const { status, stdout, stderr } = result
  // In a pipe, tail prints the events as in the file.
  const outputs = words[0] === 'tail' ? [stderr] : [stdout, stderr]
  expect(outputs.map(findHiddenCharacter)).toEqual(outputs.map(() => undefined))
  expect(`${stdout}${stderr}`).not.toMatch(/^ +at .*:\d+:\d+/m)
  if (status === 0) return expect(readLog(workspace).startsWith(earlierLog)).toBe(true)
  const error = findErrorCode(result)
  expect({ error, status }).toEqual({ error, status: exitCodes[error as keyof typeof exitCodes] })
  expect(error).not.toBe('internal')
  expect(readLog(workspace) === earlierLog).toBe(true)
}

const encodeUtf16 = (text: string): Buffer => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
const task = '{"kind":"docs","task_id":"new"}\n'
const longWord = 'x'.repeat(120_000)

/** Inputs that no program should write. */
const inputs: ReadonlyArray<readonly [what: string, input: string | Uint8Array]> = [
  ['a byte order mark', `\ufeff${task}`],
  ['two byte order marks', `\ufeff\ufeff${task}`],
  ['UTF-16', encodeUtf16(task)],
  ['UTF-16 without a mark', Buffer.from(task, 'utf16le')],
  ['a program', readFileSync(process.execPath).subarray(0, 100_000)],
  ['zeros', Buffer.alloc(100_000)],
  ['line breaks', '\n'.repeat(200_000)],
  ['carriage returns', task.replace('\n', '\r\n').repeat(2)],
  ['deep nesting', `{"kind":"docs","payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ['a field given twice', '{"kind":"docs","task_id":"x","task_id":"y"}'],
  ['a huge number', `{"kind":"docs","payload":${'9'.repeat(100_000)}}`],
  ['a long fraction', `{"kind":"docs","payload":0.${'1'.repeat(100_000)}}`],
  ['one task many times', task.repeat(500)],
]

describe('stdin', () => {
  it.each(inputs)('that contains %s is accepted or refused as documented', async (_what, input) => {
    const workspace = await createWorkspaceWithTask()
    for (const words of [
      ['add', '-'],
      ['import', '-'],
      ['add', 'docs', '--payload', '-'],
    ]) {
      const earlierLog = readLog(workspace)
      expectDocumentedEnd(workspace, earlierLog, words, await workspace.run(words, { input }))
    }
  })
})

/** Words that are not text, too long, or flags in place of values. */
const absurdLines: ReadonlyArray<ReadonlyArray<string>> = [
  ...[[''], ['-'], ['--'], ['--', '--'], ['add', '--', '--', '--'], ['add', 'docs', '--', '-n']],
  ...[['claim', '--', '-'], ['--json'], ['--dir', '--json', 'list'], ['add', 'docs', '--title', '--'], [longWord]],
  ...[
    ['add', longWord],
    ['add', 'docs', longWord],
    ['add', 'docs', '--title', longWord],
    ['add', 'docs', '--lease', longWord],
  ],
  ...[
    ['claim', longWord, longWord],
    ['show', longWord, '--json'],
    ['add', 'docs', '--payload', '['.repeat(120_000)],
  ],
  ...[
    ['claim', 'ann', ...Array.from({ length: 5000 }, (_, i) => `kind-${i}`)],
    ['note', 'a', '\n'.repeat(100_000)],
  ],
  ...[['note', 'a', '\u001b]0;title\u0007\u001b[2J'], ['show', '\u001b[31m\u202e'], ['--\u001b[31m'], ['\u001b[31m']],
  ...[
    ['list', '--at', '\u009b31m'],
    ['diff', '1', '\u200b'],
    ['add', 'docs', '--needs', ','.repeat(50_000)],
  ],
]

describe('a command line', () => {
  it('of absurd words ends with a documented exit code', async () => {
    const workspace = await createWorkspaceWithTask()
    for (const words of absurdLines) {
      const earlierLog = readLog(workspace)
      expectDocumentedEnd(workspace, earlierLog, words, await workspace.run(words))
    }
  })

  it('with bytes that are not text ends with a documented exit code', async () => {
    const workspace = await createWorkspaceWithTask()
    for (const bytes of ['\\377', '\\300\\200', '\\355\\240\\200', 'a\\233b', '\\364\\220\\200\\200']) {
      const words = ['add', 'docs']
      const earlierLog = readLog(workspace)
      const script = `exec "$0" "$1" add docs --title "$(printf '${bytes}')" "t-$(printf '${bytes}')"`
      const result = await run('/bin/sh', ['-c', script, process.execPath, claimlogPath], { cwd: workspace.cwd })
      expectDocumentedEnd(workspace, earlierLog, words, result)
    }
  })

  it(
    'of any words and stdin ends with a documented exit code',
    async () => {
      const workspace = await createWorkspaceWithTask()
      await fuzz(40, async dice => {
        const words = generateWords(dice)
        const earlierLog = readLog(workspace)
        const result = await claimlog(words, {
          cwd: workspace.cwd,
          input: dice.chance(50) ? generateJson(dice) : generateText(dice),
        })
        expectDocumentedEnd(workspace, earlierLog, words, result)
      })
    },
    fuzzTimeoutMs,
  )
})
