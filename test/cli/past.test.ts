import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer, type Finished } from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace, workspaceIn } from '../support/cli-workspace.ts'

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
const ends = [1, 4, 6, 8, 10, 13, 14, 16]

const views = ['list --json', 'list', 'status --json', 'show proof', 'why proof --json']

const shift = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()

/** The same time with the offset of India. */
const inIndia = (time: string): string => shift(time, 5.5 * 3_600_000).replace('Z', '+05:30')

describe('time travel', () => {
  let root: string
  let workspace: CliWorkspace
  const seen: Array<ReadonlyArray<Finished>> = []
  const queues: Array<string> = []

  const look = (moment: ReadonlyArray<string>): Promise<ReadonlyArray<Finished>> =>
    Promise.all(views.map(view => workspace.run([...view.split(' '), ...moment])))
  const timeOf = (seq: number): string => workspace.events()[seq - 1]?.time ?? ''
  const replayed = async (moment: string): Promise<Finished> => workspace.run(['replay', '--at', moment])
  const queue = (chapter: number): Finished => ({ status: 0, stdout: queues[chapter] ?? '', stderr: '' })

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'claimlog-past-'))
    workspace = workspaceIn(root)
    for (const chapter of chapters) {
      for (const command of chapter) await workspace.done(command.split(' '), batch)
      seen.push(await look([]))
      queues.push(workspace.text('queue.json'))
    }
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  const cases = chapters.map((commands, chapter) => [ends[chapter] ?? 0, commands.join(', '), chapter] as const)

  test.concurrent.for(cases)(
    'to seq %i, by its number or its time, shows the same output as after: %s',
    async ([seq, , chapter], { expect }) => {
      expect(await look(['--at', String(seq)])).toEqual(seen[chapter])
      expect(await replayed(String(seq))).toEqual(queue(chapter))
      expect(await replayed(inIndia(timeOf(seq)))).toEqual(queue(chapter))
      if (chapter === 3) expect(await look(['--at', timeOf(seq)])).toEqual(seen[chapter])
    },
  )

  test('to a time between two events shows the state after the earlier one', async () => {
    const middle = shift(timeOf(5), -1)
    expect([timeOf(4) <= middle, middle < timeOf(5)]).toEqual([true, true])
    expect(await look(['--at', middle])).toEqual(seen[1])
    expect(await replayed(middle)).toEqual(queue(1))
  })

  test('filters the list by the past state, not by the current one', async () => {
    const ids = async (...words: ReadonlyArray<string>): Promise<unknown> =>
      ((await workspace.done(['list', '--json', ...words]))['tasks'] as ReadonlyArray<{ id: string }>).map(t => t.id)
    expect(await ids('--status', 'failed')).toEqual([])
    expect(await ids('--status', 'failed', '--at', '14')).toEqual(['proof'])
    expect(await ids('--status', 'blocked', '--kind', 'docs', '--at', '6')).toEqual(['proof'])
  })

  test('writes nothing, not even a missing queue.json', async () => {
    const log = workspace.text('events.jsonl')
    rmSync(join(workspace.dir, 'queue.json'))
    const before = readdirSync(workspace.dir)
    await look(['--at', '6'])
    await Promise.all([replayed('6'), workspace.run(['diff', '1', '6']), workspace.run(['status', '--at', '6'])])
    expect(existsSync(join(workspace.dir, 'queue.json'))).toBe(false)
    expect(readdirSync(workspace.dir)).toEqual(before)
    expect(workspace.text('events.jsonl')).toBe(log)
    await workspace.done(['replay', '--json'])
  })

  test('to a point outside of the log is refused, with the range of the log in the message', async () => {
    const opened = timeOf(1)
    const [before, day] = [shift(opened, -1), '2999-12-31T00:00:00.000Z']
    const refused: ReadonlyArray<readonly [moment: string, message: string]> = [
      ['17', 'the log ends at seq 16, before seq 17'],
      ['0', 'the first event is seq 1'],
      [before, `the workspace was opened at ${opened}, after ${before}`],
      ['2999-12-31', `${day} is in the future`],
    ]
    const looking = (moment: string) => [
      ['list', '--at', moment],
      ['status', '--at', moment],
      ['diff', moment],
      ['diff', '1', moment],
    ]
    const [first] = refused
    const rows = [
      ...refused.flatMap(([moment, message]) => looking(moment).map(words => [words, message] as const)),
      ...['show proof', 'why proof', 'replay'].map(view => [[...view.split(' '), '--at', '17'], first?.[1]] as const),
    ]
    const finished = await Promise.all(
      rows.map(async ([words]) => {
        const { status, stdout, stderr } = await workspace.run(words)
        const [message = '', hint = ''] = stderr.split('\n')
        return { words, status, stdout, message, hint: /\S/.test(hint) }
      }),
    )
    expect(finished).toEqual(
      rows.map(([words, message]) => {
        return { words, status: 2, stdout: '', message: `claimlog: ${message} (bad_input)`, hint: true }
      }),
    )
    const json = answer(await workspace.run(['list', '--json', '--at', '17']))
    expect(json).toMatchObject({ ok: false, error: 'bad_input', message: first?.[1] })
  })

  test('as a diff in JSON has the changed fields between two points in time', async () => {
    const moment = (seq: number) => ({ seq, time: timeOf(seq) })
    expect(await workspace.done(['diff', '6', '10', '--json'])).toEqual({
      from: moment(6),
      to: moment(10),
      tasks: [
        {
          ...{ id: 'draft', kind: 'docs', added: false },
          changes: [
            { field: 'status', from: 'ready', to: 'done' },
            {
              field: 'claim',
              from: { worker: 'ann', token: 5, attempt: 1, claimed_at: timeOf(5), lease_until: null },
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
          changes: [{ field: 'paused', to: { since: timeOf(9), seq: 9, reason: 'no-paper', by: 'eve' } }],
        },
        { kind: 'press', changes: [{ field: 'limit', to: 1 }] },
      ],
    })
  })

  test('as a diff in text has new tasks, old and new values, and the rules of kinds', async () => {
    const { stdout } = await workspace.run(['diff', '2', '10'])
    expect(stdout).toBe(`seq 2 (${timeOf(2)}) → seq 10 (${timeOf(10)}): 8 events

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
    hold    since ${timeOf(6)} by eve: legal

~ kind docs
    paused  - → since ${timeOf(9)} by eve: no-paper

~ kind press
    limit  - → 1
`)
    const claims = await workspace.run(['diff', timeOf(10), '12'])
    expect(claims.stdout).toBe(`seq 10 (${timeOf(10)}) → seq 12 (${timeOf(12)}): 2 events

~ proof  docs
    claim     - → bob, token 12, no expiry
    attempts  0 → 1

~ kind docs
    paused  since ${timeOf(9)} by eve: no-paper → -
`)
  })

  test('as a diff with one point in time ends now', async () => {
    const [open, said] = await Promise.all([workspace.run(['diff', '13']), workspace.run(['diff', '13', '16'])])
    expect(open).toEqual(said)
    // Changes that were undone in between are not a difference.
    expect(said.stdout).toBe(`seq 13 (${timeOf(13)}) → seq 16 (${timeOf(16)}): 3 events

~ proof  docs
    claim     bob, token 12, no expiry → -
    attempts  1 → 0

~ print  press
    status  blocked → cancelled
    hold    since ${timeOf(6)} by eve: legal → -
`)
  })

  test('as a diff of a point with itself reports no changes', async () => {
    const nothing = `seq 6 (${timeOf(6)}) → seq 6 (${timeOf(6)}): 0 events\n\n  no changes\n`
    expect(await workspace.run(['diff', '6', timeOf(6)])).toEqual({ status: 0, stdout: nothing, stderr: '' })
    const moment = { seq: 6, time: timeOf(6) }
    const data = { from: moment, to: moment, tasks: [], kinds: [] }
    expect(await workspace.done(['diff', '6', '6', '--json'])).toEqual(data)
    // A note is an event, and changes nothing.
    expect((await workspace.run(['diff', '12', '13'])).stdout).toContain(': 1 event\n\n  no changes\n')
  })

  test('as a diff from a later point to an earlier one is refused', async () => {
    const log = workspace.text('events.jsonl')
    const finished = await workspace.run(['diff', '10', timeOf(6)])
    expect(finished).toMatchObject({ status: 2, stdout: '' })
    const said = 'claimlog: seq 10 is after seq 6: pass the earlier point first (bad_input)'
    expect(finished.stderr.split('\n')[0]).toBe(said)
    expect(workspace.text('events.jsonl')).toBe(log)
  })
})

test('a claim is shown as it was: not expired at its own event, expired at a time after its lease', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 'task'])
  await workspace.done(['claim', 'ann', 'docs', '--lease', '1ms'])
  await workspace.done(['claim', 'bob', 'docs', '--lease', '1h'])
  const taken = workspace.events()[3]
  const lapsed = async (moment: string): Promise<unknown> =>
    (await workspace.done(['status', '--json', '--at', moment]))['claims']
  expect(await lapsed('3')).toMatchObject([{ worker: 'ann', lapsed: false }])
  const before = shift(taken?.time ?? '', -1)
  expect(await lapsed(before)).toMatchObject([{ worker: 'ann', lapsed: true }])
  const listed = async (moment: string) => (await workspace.run(['list', '--at', moment])).stdout.split('\n')[1]
  expect(await listed('3')).toBe('task  docs  ready   ann, 1 ms left')
  expect(await listed('4')).toBe('task  docs  ready   bob, 1h left')
  expect(await listed(before)).toMatch(/^task {2}docs {2}ready {3}ann, lapsed \S.* ago$/)
})
