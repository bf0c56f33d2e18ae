import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseOutput, type ProcessResult } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'

/** A history in chapters. The leases have no end, so that no view depends on the current time. */
const chapters: ReadonlyArray<ReadonlyArray<string>> = [
  ['init'],
  ['add -'],
  ['claim ann --task draft --lease none', 'hold print --reason legal --by eve'],
  ['complete ann draft --result {"pages":12}', 'amend proof --title Proof --priority 1 --no-needs'],
  ['pause docs --reason no-paper --by eve', 'limit press 1'],
  ['resume docs', 'claim bob docs --lease none', 'note proof torn'],
  ['fail bob proof --error burnt --no-retry'],
  ['cancel print --reason too-late', 'retry proof'],
]
const batch = ndjson(
  { kind: 'docs', task_id: 'draft' },
  { kind: 'docs', task_id: 'proof', needs: ['draft'] },
  { kind: 'press', task_id: 'print' },
)
/** The seq of the last event of each chapter. */
const lastSeqs = [1, 4, 6, 8, 10, 13, 14, 16]

const views = ['list --json', 'list', 'status --json', 'show proof', 'why proof --json']

const addMs = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()

/** The same time with the offset of India. */
const toIndianTime = (time: string): string => addMs(time, 5.5 * 3_600_000).replace('Z', '+05:30')

describe('time travel', () => {
  let root: string
  let workspace: CliWorkspace
  const outputs: Array<ReadonlyArray<ProcessResult>> = []
  const queues: Array<string> = []

  const runViews = (point: ReadonlyArray<string>): Promise<ReadonlyArray<ProcessResult>> =>
    Promise.all(views.map(view => workspace.run([...view.split(' '), ...point])))
  const eventTime = (seq: number): string => workspace.readEvents()[seq - 1]?.time ?? ''
  const replayUntilPoint = async (point: string): Promise<ProcessResult> => workspace.run(['replay', '--at', point])
  const expectedQueue = (chapter: number): ProcessResult => ({ status: 0, stdout: queues[chapter] ?? '', stderr: '' })

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'claimlog-past-'))
    workspace = cliWorkspace(root)
    for (const chapter of chapters) {
      for (const command of chapter) await workspace.runOk(command.split(' '), batch)
      outputs.push(await runViews([]))
      queues.push(workspace.readText('queue.json'))
    }
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const cases = chapters.map((commands, chapter) => [lastSeqs[chapter] ?? 0, commands.join(', '), chapter] as const)

  test.concurrent.for(cases)(
    'to seq %i, by its number or its time, shows the same output as after: %s',
    async ([seq, , chapter], { expect }) => {
      expect(await runViews(['--at', String(seq)])).toEqual(outputs[chapter])
      expect(await replayUntilPoint(String(seq))).toEqual(expectedQueue(chapter))
      expect(await replayUntilPoint(toIndianTime(eventTime(seq)))).toEqual(expectedQueue(chapter))
      if (chapter === 3) expect(await runViews(['--at', eventTime(seq)])).toEqual(outputs[chapter])
    },
  )

  test('to a time between two events shows the state after the earlier one', async () => {
    const middle = addMs(eventTime(5), -1)
    expect([eventTime(4) <= middle, middle < eventTime(5)]).toEqual([true, true])
    expect(await runViews(['--at', middle])).toEqual(outputs[1])
    expect(await replayUntilPoint(middle)).toEqual(expectedQueue(1))
  })

  test('filters the list by the past state, not by the current one', async () => {
    const ids = async (...words: ReadonlyArray<string>): Promise<unknown> =>
      ((await workspace.runOk(['list', '--json', ...words]))['tasks'] as ReadonlyArray<{ id: string }>).map(t => t.id)
    expect(await ids('--status', 'failed')).toEqual([])
    expect(await ids('--status', 'failed', '--at', '14')).toEqual(['proof'])
    expect(await ids('--status', 'blocked', '--kind', 'docs', '--at', '6')).toEqual(['proof'])
  })

  test('writes nothing, not even a missing queue.json', async () => {
    const log = workspace.readText('events.jsonl')
    rmSync(join(workspace.dir, 'queue.json'))
    const before = readdirSync(workspace.dir)
    await runViews(['--at', '6'])
    await Promise.all([
      replayUntilPoint('6'),
      workspace.run(['diff', '1', '6']),
      workspace.run(['status', '--at', '6']),
    ])
    expect(existsSync(join(workspace.dir, 'queue.json'))).toBe(false)
    expect(readdirSync(workspace.dir)).toEqual(before)
    expect(workspace.readText('events.jsonl')).toBe(log)
    await workspace.runOk(['replay', '--json'])
  })

  test('to a point outside of the log is refused, with the range of the log in the message', async () => {
    const opened = eventTime(1)
    const [before, day] = [addMs(opened, -1), '2999-12-31T00:00:00.000Z']
    const refused: ReadonlyArray<readonly [point: string, message: string]> = [
      ['17', 'the log ends at seq 16, before seq 17'],
      ['0', 'the first event is seq 1'],
      [before, `the workspace was opened at ${opened}, after ${before}`],
      ['2999-12-31', `${day} is in the future`],
    ]
    const listCommands = (point: string) => [
      ['list', '--at', point],
      ['status', '--at', point],
      ['diff', point],
      ['diff', '1', point],
    ]
    const [first] = refused
    const rows = [
      ...refused.flatMap(([point, message]) => listCommands(point).map(words => [words, message] as const)),
      ...['show proof', 'why proof', 'replay'].map(view => [[...view.split(' '), '--at', '17'], first?.[1]] as const),
    ]
    const results = await Promise.all(
      rows.map(async ([words]) => {
        const { status, stdout, stderr } = await workspace.run(words)
        const [message = '', hint = ''] = stderr.split('\n')
        return { words, status, stdout, message, hint: /\S/.test(hint) }
      }),
    )
    expect(results).toEqual(
      rows.map(([words, message]) => {
        return { words, status: 2, stdout: '', message: `claimlog: ${message} (bad_input)`, hint: true }
      }),
    )
    const json = parseOutput(await workspace.run(['list', '--json', '--at', '17']))
    expect(json).toMatchObject({ ok: false, error: 'bad_input', message: first?.[1] })
  })

  test('as a diff in JSON has the changed fields between two points in time', async () => {
    const point = (seq: number) => ({ seq, time: eventTime(seq) })
    expect(await workspace.runOk(['diff', '6', '10', '--json'])).toEqual({
      from: point(6),
      to: point(10),
      tasks: [
        {
          ...{ id: 'draft', kind: 'docs', added: false },
          changes: [
            { field: 'status', from: 'ready', to: 'done' },
            {
              field: 'claim',
              from: { worker: 'ann', token: 5, attempt: 1, claimed_at: eventTime(5), lease_until: null },
            },
            { field: 'result', to: { pages: 12 } },
          ],
        },
        {
          ...{ id: 'proof', kind: 'docs', added: false },
          changes: [
            { field: 'status', from: 'blocked', to: 'ready' },
            { field: 'needs', from: ['draft'] },
            { field: 'title', to: 'Proof' },
            { field: 'priority', to: 1 },
          ],
        },
      ],
      kinds: [
        {
          kind: 'docs',
          changes: [{ field: 'paused', to: { since: eventTime(9), seq: 9, reason: 'no-paper', by: 'eve' } }],
        },
        { kind: 'press', changes: [{ field: 'limit', to: 1 }] },
      ],
    })
  })

  test('as a diff in text has new tasks, old and new values, and the rules of kinds', async () => {
    const { stdout } = await workspace.run(['diff', '2', '10'])
    expect(stdout).toBe(`seq 2 (${eventTime(2)}) → seq 10 (${eventTime(10)}): 8 events

~ draft  docs
    status    ready → done
    attempts  0 → 1
    result    - → {"pages":12}

+ proof  docs
    status    ready
    title     Proof
    priority  1

+ print  press
    status  blocked
    hold    since ${eventTime(6)} by eve: legal

~ kind docs
    paused  - → since ${eventTime(9)} by eve: no-paper

~ kind press
    limit  - → 1
`)
    const claims = await workspace.run(['diff', eventTime(10), '12'])
    expect(claims.stdout).toBe(`seq 10 (${eventTime(10)}) → seq 12 (${eventTime(12)}): 2 events

~ proof  docs
    claim     - → bob, token 12, no expiry
    attempts  0 → 1

~ kind docs
    paused  since ${eventTime(9)} by eve: no-paper → -
`)
  })

  test('as a diff with one point in time ends now', async () => {
    const [withoutEnd, expected] = await Promise.all([
      workspace.run(['diff', '13']),
      workspace.run(['diff', '13', '16']),
    ])
    expect(withoutEnd).toEqual(expected)
    // Changes that were undone in between are not a difference.
    expect(expected.stdout).toBe(`seq 13 (${eventTime(13)}) → seq 16 (${eventTime(16)}): 3 events

~ proof  docs
    claim     bob, token 12, no expiry → -
    attempts  1 → 0

~ print  press
    status  blocked → cancelled
    hold    since ${eventTime(6)} by eve: legal → -
`)
  })

  test('as a diff of a point with itself reports no changes', async () => {
    const noChanges = `seq 6 (${eventTime(6)}) → seq 6 (${eventTime(6)}): 0 events\n\n  no changes\n`
    expect(await workspace.run(['diff', '6', eventTime(6)])).toEqual({ status: 0, stdout: noChanges, stderr: '' })
    const point = { seq: 6, time: eventTime(6) }
    const data = { from: point, to: point, tasks: [], kinds: [] }
    expect(await workspace.runOk(['diff', '6', '6', '--json'])).toEqual(data)
    // A note is an event, and changes nothing.
    expect((await workspace.run(['diff', '12', '13'])).stdout).toContain(': 1 event\n\n  no changes\n')
  })

  test('as a diff from a later point to an earlier one is refused', async () => {
    const log = workspace.readText('events.jsonl')
    const result = await workspace.run(['diff', '10', eventTime(6)])
    expect(result).toMatchObject({ status: 2, stdout: '' })
    const expected = 'claimlog: seq 10 is after seq 6: pass the earlier point first (bad_input)'
    expect(result.stderr.split('\n')[0]).toBe(expected)
    expect(workspace.readText('events.jsonl')).toBe(log)
  })
})

test('a claim is shown as it was: not expired at its own event, expired at a time after its lease', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'task'])
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '1ms'])
  await workspace.runOk(['claim', 'bob', 'docs', '--lease', '1h'])
  const reclaimed = workspace.readEvents()[3]
  const listPastClaims = async (point: string): Promise<unknown> =>
    (await workspace.runOk(['status', '--json', '--at', point]))['claims']
  expect(await listPastClaims('3')).toMatchObject([{ worker: 'ann', lapsed: false }])
  const before = addMs(reclaimed?.time ?? '', -1)
  expect(await listPastClaims(before)).toMatchObject([{ worker: 'ann', lapsed: true }])
  const listPastTasks = async (point: string) => (await workspace.run(['list', '--at', point])).stdout.split('\n')[1]
  expect(await listPastTasks('3')).toBe('task  docs  ready   ann, 1 ms left')
  expect(await listPastTasks('4')).toBe('task  docs  ready   bob, 1h left')
  expect(await listPastTasks(before)).toMatch(/^task {2}docs {2}ready {3}ann, expired \S.* ago$/)
})
