import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { newWorkspace, ndjson } from '../support/cli-workspace.ts'
import { commandsWithSchema, expectOutputSchema, expectSchema } from '../support/output-schemas.ts'

/** The schema with this name, resolved like in a program that has claimlog installed. */
const readSchema = (name: string): { readonly $defs: Readonly<Record<string, unknown>> } => {
  const path = createRequire(import.meta.url).resolve(`claimlog/schemas/${name}.schema.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as { readonly $defs: Readonly<Record<string, unknown>> }
}

/** Every command, once or more; each prepares the state for the next ones. */
const commands: ReadonlyArray<readonly [words: ReadonlyArray<string>, input?: string]> = [
  [['init']],
  [['add', 'docs', 'inspect', '--title', 'T', '--payload', '{"a": [1, null]}', '--priority', '0', '--tag', 'x']],
  [
    [
      'add',
      'docs',
      'write',
      '--backoff',
      '1s..2s',
      '--lease',
      'none',
      '--key',
      'k',
      '--max-attempts',
      '2',
      '--by',
      'eve',
    ],
  ],
  [
    ['add', '-'],
    ndjson({ kind: 'ci', task_id: 'unit', needs: ['write'] }, { kind: 'ci' }, { kind: 'late', task_id: 'l' }),
  ],
  [['import', '-'], '[{"id": "taken", "title": "Taken over", "status": "done"}]'],
  [['mcp', '--read-only']],
  [['claim', 'ann', 'docs', '--durability', 'os']],
  [['claim', 'bob', '--count', '2']],
  [['renew', 'ann', 'inspect', '--progress', '{"pages": 3}', '--lease', '2h']],
  [['complete', 'ann', 'inspect', '--result', '{"pages": 12}']],
  [['fail', 'bob', 'write', '--error', 'no luck', '--retry-in', '1h']],
  [['trace', 'write', '--json']],
  [['amend', 'l', '--kind', 'later', '--in', '2h', '--title', 'Later', '--needs', 'write,inspect']],
  [['note', 'l', 'a remark', '--by', 'eve']],
  [['hold', 'l', '--reason', 'ask', '--by', 'eve']],
  [['why', 'l', '--json']],
  [['show', 'l', '--json']],
  [['unhold', 'l']],
  [['add', 'docs', 'more', '--at', '2100-01-01T00:00Z']],
  [['add', 'docs', 'free']],
  [['why', 'free', '--json']],
  [['pause', 'docs', '--reason', 'night', '--by', 'eve']],
  [['limit', 'ci', '1']],
  [['status', '--json']],
  [['why', 'free', '--json']],
  [['why', 'unit', '--json']],
  [['claim', 'cy', 'docs', 'ci', 'later']],
  [['claim', 'cy', '--task', 'free']],
  [['resume', 'docs']],
  [['limit', 'ci', 'none']],
  [['release', 'bob', 'ci-5', '--reason', 'no time']],
  [['cancel', 'write', '--reason', 'old', '--by', 'eve']],
  [['why', 'unit', '--json']],
  [['why', 'write', '--json']],
  [['wait', 'inspect']],
  [['wait', '--empty', 'art', '--timeout', '0']],
  [['list', '--json']],
  [['show', 'write', '--json']],
  [['show', 'unit', '--json']],
  [['trace', 'inspect', '--json']],
  [['trace', 'l', '--json']],
  [['retry', 'write']],
  [['trace', 'write', '--json']],
  [['list', '--at', '9', '--json']],
  [['diff', '2', '--json']],
  [['replay', '--json']],
  [['replay', '--check', '--json']],
  [['replay', '--at', '9', '--json']],
  [['verify', '--json']],
  [['work', 'cy', 'docs', '--once', '--json', '--', 'true']],
  [['prime', '--json']],
  [['setup', '--json']],
  [['setup', 'agents-md', '--print', '--json']],
  [['doctor', '--json']],
  [['repair', '--json']],
  [['reconcile', 'copy.jsonl', '--json']],
  [['tail']],
  [['export', 'json']],
  [['export', 'log', '--redact']],
  [['metrics', '--json']],
  [['migrate', '--print', '--json']],
  [['move', '.claimlog', '--json']],
  [['completion', 'bash', '--json']],
  [['help', '--json']],
  [['help', 'claim', '--json']],
  [['help', 'exit-codes', '--json']],
  [['help', 'environment', '--json']],
  [['help', 'log-format', '--json']],
]

test('all output of the commands, and all files that they write, match the published schemas', async () => {
  const workspace = await newWorkspace()
  workspace.writeFile('copy.jsonl', workspace.readText('events.jsonl'))
  const refused: Array<unknown> = []
  for (const [words, input = ''] of commands) {
    const result = await workspace.run(words, { input })
    if (result.status !== 0) refused.push([words[0], parseOutput(result)['error']])
  }
  expect(refused).toEqual([
    ['claim', 'no_ready_task'],
    ['claim', 'kind_paused'],
  ])
  for (const line of workspace.readEvents()) expectSchema('event', line)
  expectSchema('queue', JSON.parse(workspace.readText('queue.json')))

  const kinds = Object.keys(readSchema('event').$defs)
  const writtenEvents = new Set(workspace.readEvents().map(({ event }) => event))
  expect([...writtenEvents].filter(event => !kinds.includes(event))).toEqual([])
  expect(writtenEvents.size).toBe(16)
})

test('every command in help has a schema', async () => {
  const workspace = await newWorkspace()
  const { stdout } = await workspace.run(['--help'])
  const [, listed = ''] = /^Options:\n(?: .*\n)+\n([^]*?)^Topics/m.exec(stdout) ?? []
  const names = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
  expect(names.sort()).toEqual([...commandsWithSchema].sort())
  expect([...new Set(commands.map(([[name]]) => name))].sort()).toEqual(names)
})

test('an unknown field in the output violates the schema', () => {
  const valid = { ok: true, seq: 3, hash: 'f', unfinished_bytes: 0 }
  expect(() => expectOutputSchema(['verify', '--json'], JSON.stringify(valid))).not.toThrow()
  const withExtraField = JSON.stringify({ ...valid, more: 1 })
  expect(() => expectOutputSchema(['verify', '--json'], withExtraField)).toThrow('{"additionalProperty":"more"}')
})
