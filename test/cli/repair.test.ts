import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { answer, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import type { Line } from '../support/log/log-book.ts'
import { chainBreaks } from '../support/log/log-chain.ts'
import { readAgainstPromises } from '../support/log/log-promises.ts'

/** Seven events: three tasks, the first two claimed and the first one done. Its last four are seq 4 to 7. */
const busyWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ['one', 'two', 'three']) await workspace.done(['add', 'docs', id])
  await workspace.done(['claim', 'ann', 'docs'])
  await workspace.done(['claim', 'bob', 'docs'])
  await workspace.done(['complete', 'ann', 'one'])
  return workspace
}

/** Changes a line (from 1) of the log; answers with the bytes from `cutAt`, a line too, on. */
const damage = (workspace: CliWorkspace, line: number, change: (text: string) => string, cutAt = line): string => {
  const lines = workspace.text('events.jsonl').split('\n')
  lines[line - 1] = change(lines[line - 1] as string)
  writeFileSync(join(workspace.dir, 'events.jsonl'), lines.join('\n'))
  return lines.slice(cutAt - 1).join('\n')
}

/** The byte that the damaged line starts at: the first line says how long the machine has been up. */
const damagedAt = (workspace: CliWorkspace): number =>
  Buffer.byteLength(workspace.text('events.jsonl').split('\n').slice(0, 3).join('\n')) + 1

const quarantined = ({ dir }: CliWorkspace, n = 1): string => readFileSync(join(dir, `events.quarantine.${n}`), 'utf8')

const files = ({ dir }: CliWorkspace): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(dir, name), 'utf8')]),
  )

const wrong = 'its hash does not match: this line was changed, or the one before it'

describe('claimlog repair, of a damaged log', () => {
  test('says what it would do and how to have it done, and changes nothing', async () => {
    const workspace = await busyWorkspace()
    damage(workspace, 4, line => line.replace('three', 'thr\\u001b[2Jee'))
    const before = files(workspace)
    const { status, stdout, stderr } = await workspace.run(['repair'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(`.claimlog/events.jsonl is damaged at line 4, byte ${damagedAt(workspace)}: ${wrong}

keeps    events 1 to 3, 2 tasks
moves    666 bytes from byte ${damagedAt(workspace)} on, 4 lines, to .claimlog/events.quarantine.1
appends  4 events "repaired", seq 4 to 7: no token is issued twice

Readable lines of the moved part, which the log loses:
SEQ  EVENT      TASK
4    added      thr\\u001b[2Jee
5    claimed    one
6    claimed    two
7    completed  one

Nothing was changed. Copy the whole directory first; a backup of the log is better than any repair. To repair:
  claimlog repair --yes
`)
    expect(files(workspace)).toEqual(before)
    const named = await workspace.run(['--dir', '.claimlog', 'repair'])
    expect(named.stdout).toContain('\n  claimlog --dir .claimlog repair --yes\n')
  })

  test('says so to programs in a document, also afterwards', async () => {
    const workspace = await busyWorkspace()
    const tail = damage(workspace, 4, line => line.replace('three', 'thrEE'))
    const said = {
      ...{ ok: true, damaged: true, repaired: false, damage: { line: 4, offset: damagedAt(workspace), detail: wrong } },
      quarantine: {
        path: join(workspace.dir, 'events.quarantine.1'),
        from: damagedAt(workspace),
        bytes: tail.length,
        lines: 4,
      },
      ...{ kept: { events: 3, tasks: 2 }, spent: { first: 4, last: 7 } },
    }
    expect(await workspace.done(['repair', '--json'])).toEqual(said)
    expect(answer(await workspace.run(['repair', '--json', '--yes']))).toEqual({ ...said, repaired: true, seq: 7 })
    expect(await workspace.done(['repair', '--json', '--yes'])).toEqual({
      ...{ ok: true, damaged: false, repaired: false, seq: 7 },
    })
  })

  test('with --yes cuts it there, keeps the rest byte for byte, and says so in the log', async () => {
    const workspace = await busyWorkspace()
    const kept = workspace.text('events.jsonl').split('\n').slice(0, 3).join('\n')
    const tail = damage(workspace, 4, line => line.slice(0, -1))
    const { status, stdout } = await workspace.run(['repair', '--yes', '--by', 'eve'])
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `repaired: the log ends at seq 7, and work can continue

kept      events 1 to 3, 2 tasks
moved     ${tail.length} bytes from byte ${damagedAt(workspace)} on, 4 lines, to .claimlog/events.quarantine.1
appended  4 events "repaired", seq 4 to 7: no token is issued twice
`,
    })
    expect(quarantined(workspace)).toBe(tail)
    expect(workspace.text('events.jsonl').startsWith(`${kept}\n`)).toBe(true)
    const repaired = { event: 'repaired', quarantine: 'events.quarantine.1', by: 'eve' }
    const why = { reason: 'it does not end in a hash', offset: damagedAt(workspace), bytes: tail.length }
    const { stdout: tailed } = await workspace.run(['tail', '-n', '4'])
    expect(
      tailed
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as object),
    ).toMatchObject([{ seq: 4, ...repaired, ...why }, ...[5, 6, 7].map(seq => ({ seq, ...repaired }))])
  })

  test('leaves a log with which work goes on, that keeps every promise', async () => {
    const workspace = await busyWorkspace()
    // Nothing ties line 7 to a line 6 like this: what follows it held as many lines as there is room for, up to seq 8.
    damage(workspace, 6, () => 'no line at all')
    await workspace.run(['repair', '--yes'])
    expect((await workspace.run(['replay', '--check'])).status).toBe(0)
    await workspace.done(['verify', '--json'])
    const { tasks } = (await workspace.done(['list', '--json'])) as { readonly tasks: ReadonlyArray<object> }
    expect(tasks).toMatchObject([{ id: 'one', claim: { worker: 'ann', token: 5 } }, { id: 'two' }, { id: 'three' }])
    await workspace.done(['complete', 'ann', 'one', '--token', '5'])
    expect(await workspace.done(['claim', 'cy', 'docs'])).toMatchObject({ task: { id: 'two' }, claim: { token: 10 } })
    const trace = (await workspace.done(['trace', 'one', '--json'])) as { readonly steps: ReadonlyArray<object> }
    expect(trace.steps).toMatchObject([{ seq: 2 }, { seq: 5 }, { seq: 9, event: 'completed' }])
    expect(chainBreaks(workspace.text('events.jsonl'))).toEqual([])
    expect(readAgainstPromises(workspace.events() as ReadonlyArray<Line>).broken).toEqual([])
  })

  test('gives no token again that was handed out in the part that was cut off', async () => {
    const workspace = await busyWorkspace()
    // Line 4 is gone altogether: fewer lines follow than seqs were given.
    damage(workspace, 4, () => '{}', 4)
    const lines = workspace.text('events.jsonl').split('\n')
    writeFileSync(join(workspace.dir, 'events.jsonl'), [...lines.slice(0, 3), ...lines.slice(4)].join('\n'))
    await workspace.run(['repair', '--yes'])
    const stale = await workspace.run(['complete', 'bob', 'two', '--token', '6'])
    expect([stale.status, answer(stale)['error']]).toEqual([4, 'not_claimed'])
    for (const worker of ['cy', 'dan']) await workspace.done(['claim', worker, 'docs'])
    expect(workspace.events().map(({ seq, event }) => `${seq} ${event}`)).toEqual([
      ...['1 opened', '2 added', '3 added', '4 repaired', '5 repaired', '6 repaired', '7 repaired'],
      ...['8 claimed', '9 claimed'],
    ])
    const again = await workspace.run(['complete', 'bob', 'two', '--token', '6'])
    expect([again.status, answer(again)['error']]).toEqual([4, 'lease_lost'])
  })

  test('keeps the queue.json that may show what was lost, and writes it anew', async () => {
    const workspace = await busyWorkspace()
    const queue = workspace.text('queue.json')
    damage(workspace, 3, line => `${line} `)
    const { stderr } = await workspace.run(['repair', '--yes'])
    expect(stderr).toBe(
      'claimlog: .claimlog/queue.json did not match the repaired log and may show what was lost;\n' +
        '  it is kept as .claimlog/queue.ahead.json.\n',
    )
    expect(workspace.text('queue.ahead.json')).toBe(queue)
    expect(JSON.parse(workspace.text('queue.json'))).toEqual({
      tasks: [{ id: 'one', kind: 'docs', status: 'ready' }],
      ...{ claims: [], seq: 7 },
    })
  })

  test('in its first line says plainly that no task is left, and begins anew', async () => {
    const workspace = await busyWorkspace()
    const old = workspace.events()[0]?.['workspace']
    const tail = damage(workspace, 1, () => '')
    expect((await workspace.run(['repair'])).stdout).toContain(
      'keeps    nothing: line 1 is lost, and the workspace starts empty\n',
    )
    await workspace.run(['repair', '--yes'])
    expect(quarantined(workspace)).toBe(tail)
    expect(workspace.events().map(({ seq, event }) => `${seq} ${event}`)).toEqual([
      '1 opened',
      ...[2, 3, 4, 5, 6, 7].map(seq => `${seq} repaired`),
    ])
    expect(workspace.events()[0]?.['workspace']).not.toBe(old)
    expect(chainBreaks(workspace.text('events.jsonl'))).toEqual([])
    expect(await workspace.done(['add', 'docs'])).toMatchObject({ seq: 8 })
  })

  test('can be repaired once more where it is damaged once more', async () => {
    const workspace = await busyWorkspace()
    damage(workspace, 7, line => `x${line}`)
    await workspace.run(['repair', '--yes'])
    const tail = damage(workspace, 5, line => `x${line}`)
    await workspace.run(['repair', '--yes'])
    expect(quarantined(workspace, 2)).toBe(tail)
    await workspace.done(['verify', '--json'])
  })

  test('is not repaired by any other command, which all say where to look', async () => {
    const workspace = await busyWorkspace()
    damage(workspace, 5, line => line.replace('ann', 'eve'))
    const before = files(workspace)
    const commands = [['claim', 'cy', 'docs'], ['add', 'docs'], ['list'], ['replay'], ['verify'], ['tail'], ['init']]
    for (const words of commands) {
      const where = words[0] === 'init' ? ['init', '.claimlog'] : words
      const { status, stdout, stderr } = await workspace.run(where)
      expect([words, status]).toEqual([words, 7])
      expect(stdout + stderr).toContain('make a copy of the directory, then run claimlog doctor and claimlog repair')
    }
    expect(files(workspace)).toEqual(before)
  })
})

describe('claimlog repair', () => {
  test.each([{ yes: [] }, { yes: ['--yes'] }])('$yes has nothing to do about a sound log', async ({ yes }) => {
    const workspace = await busyWorkspace()
    const before = files(workspace)
    const sound = 'nothing to repair: 7 events, and every line is valid\n'
    expect(await workspace.run(['repair', ...yes])).toEqual({ status: 0, stdout: sound, stderr: '' })
    expect(files(workspace)).toEqual(before)
  })

  test('leaves a line that was not finished to the next writer', async () => {
    const workspace = await busyWorkspace()
    appendFileSync(join(workspace.dir, 'events.jsonl'), '{"seq":8,')
    const before = files(workspace)
    expect((await workspace.run(['repair', '--yes'])).stdout).toBe(
      'nothing to repair: 7 events, and every line is valid\n' +
        '9 bytes of an unfinished last line are not damage: the next writer moves them away\n',
    )
    expect(files(workspace)).toEqual(before)
  })

  test('changes nothing where it cannot say who gave the order', async () => {
    const workspace = await busyWorkspace()
    damage(workspace, 5, () => '')
    const before = files(workspace)
    const refused = await workspace.run(['repair', '--yes', '--json', '--by', 'a b'])
    expect([refused.status, answer(refused)['error']]).toEqual([2, 'bad_input'])
    expect(files(workspace)).toEqual(before)
  })

  test('needs a workspace', async () => {
    const workspace = { cwd: temporaryDirectory() }
    const { run } = await newWorkspace()
    const refused = await run(['repair', '--json'], workspace)
    expect([refused.status, answer(refused)['error']]).toEqual([2, 'no_workspace'])
  })
})
