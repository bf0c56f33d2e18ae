import { appendFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseOutput, type ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { chainHash } from '../support/log/log-chain.ts'

type JsonField = readonly [name: string, json: string]

/** Appends lines with a valid chain to the log. `fields` come after `seq` and `event`, as JSON texts. */
const appendChained = (
  { dir, readText }: CliWorkspace,
  lines: ReadonlyArray<{ readonly event: string; readonly fields: ReadonlyArray<JsonField>; readonly seq?: string }>,
): void => {
  const before = readText('events.jsonl').trimEnd().split('\n')
  const last = JSON.parse(before.at(-1) ?? '') as { readonly hash: string; readonly time: string }
  let { hash } = last
  const chainedLines = lines.map(({ event, fields, seq }, i) => {
    const fieldTexts = fields.map(([name, json]) => `,"${name}":${json}`).join('')
    const time = fields.some(([name]) => name === 'time') ? '' : `,"time":"${last.time}"`
    const lineWithoutHash = `{"seq":${seq ?? before.length + 1 + i},"event":"${event}"${fieldTexts}${time}}`
    hash = chainHash(hash, lineWithoutHash)
    return `${lineWithoutHash.slice(0, -1)},"hash":"${hash}"}\n`
  })
  appendFileSync(join(dir, 'events.jsonl'), chainedLines.join(''))
}

const nestArrays = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)

/** The exit code, `ok` and `error` of a command. */
const summarize = (result: ProcessResult) => {
  const { ok, error } = parseOutput(result)
  return { status: result.status, ok, error }
}

const text = (value: string): string => JSON.stringify(value)
const addedLine = (id: string, ...more: ReadonlyArray<JsonField>) => ({
  event: 'added',
  fields: [['task_id', text(id)], ['kind', '"docs"'], ...more] as ReadonlyArray<JsonField>,
})
const taskLine = (event: string, id: string, ...more: ReadonlyArray<JsonField>) => ({
  event,
  fields: [['task_id', text(id)], ...more] as ReadonlyArray<JsonField>,
})
const claimedLine = (id: string, attempt: string, until = 'null') =>
  taskLine('claimed', id, ['worker', '"w"'], ['attempt', attempt], ['lease_until', until])

describe('a log with a correctly chained line that has an invalid value', () => {
  it.each([
    ['a seq that cannot be converted to text', { ...addedLine('x'), seq: '{"toString":null,"valueOf":null}' }],
    ['a deeply nested seq', { ...addedLine('x'), seq: nestArrays(100_000) }],
    ['a deeply nested event name', taskLine('added', 'x', ['event', nestArrays(100_000)])],
    ['a deeply nested payload', addedLine('x', ['payload', nestArrays(100_000)])],
    ['a time after the last year that commands may write', addedLine('x', ['time', '"9999-12-31T23:59:59.999Z"'])],
    ['a time with a year of more than four digits', addedLine('x', ['time', '"+275760-09-13T00:00:00.000Z"'])],
    ['a lease that is too large', addedLine('x', ['lease_ms', '1e308'])],
  ])('is reported as damaged there: %s', async (_what, line) => {
    const workspace = await newWorkspace()
    appendChained(workspace, [line])
    const log = workspace.readText('events.jsonl')
    for (const args of [
      ['list', '--json'],
      ['claim', 'ann'],
      ['verify', '--json'],
    ])
      expect(summarize(await workspace.run(args))).toEqual({ status: 7, ok: false, error: 'log_damaged' })
    expect(workspace.readText('events.jsonl')).toBe(log)
  })

  it('is printed by tail if an unknown field is nested as deep as JSON may be', async () => {
    const workspace = await newWorkspace()
    appendChained(workspace, [addedLine('x', ['later', nestArrays(100)])])
    const { status, stdout } = await workspace.run(['tail'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: workspace.readText('events.jsonl') })
  })

  it('is reported as damaged if an unknown field is nested deeper', async () => {
    const workspace = await newWorkspace()
    appendChained(workspace, [addedLine('x', ['later', nestArrays(100_000)])])
    expect((await workspace.run(['tail'])).status).toBe(7)
  })
})

describe('an event that claimlog appends to a hostile log', () => {
  it('can be read again, even after the highest possible attempt number', async () => {
    const workspace = await newWorkspace()
    appendChained(workspace, [
      addedLine('x'),
      claimedLine('x', String(Number.MAX_SAFE_INTEGER)),
      taskLine('held', 'x'),
      taskLine('unheld', 'x'),
    ])
    await workspace.run(['claim', 'ann'])
    expect((await workspace.run(['list', '--json'])).status).toBe(0)
  })
})

describe('a log whose events have fields of other events', () => {
  it.each([
    ['a worker that is not a name', taskLine('cancelled', 'x', ['worker', '5'])],
    ['a reason that is not text', taskLine('completed', 'x', ['worker', '"w"'], ['token', '3'], ['reason', '{"a":1}'])],
    [
      'a task in a paused event',
      {
        event: 'paused',
        fields: [
          ['kind', '"docs"'],
          ['taskId', '"x"'],
        ] as const,
      },
    ],
  ])('is shown without an error: %s', async (_what, line) => {
    const workspace = await newWorkspace()
    appendChained(workspace, [addedLine('x'), claimedLine('x', '1'), line])
    for (const args of [['trace', 'x'], ['trace', 'x', '--json'], ['show', 'x'], ['list']])
      expect(await workspace.run(args)).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('a dependency cycle that was written directly into the log', () => {
  it('keeps its tasks blocked, and no command loops forever', async () => {
    const workspace = await newWorkspace()
    appendChained(workspace, [
      addedLine('a'),
      addedLine('b', ['needs', '["a"]']),
      taskLine('amended', 'a', ['needs', '["b","a"]']),
      addedLine('c', ['needs', '["a","ghost"]']),
    ])
    expect(summarize(await workspace.run(['claim', 'ann']))).toEqual({ status: 3, ok: false, error: 'no_ready_task' })
    for (const id of ['a', 'b', 'c'])
      expect(await workspace.run(['why', id, '--json'])).toMatchObject({ status: 0, stderr: '' })
    expect(summarize(await workspace.run(['amend', 'b', '--needs', 'c']))).toMatchObject({ error: 'needs_cycle' })
    expect(statSync(join(workspace.dir, 'queue.json')).size).toBeGreaterThan(0)
  })
})
