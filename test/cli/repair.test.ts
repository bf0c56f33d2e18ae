import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { findChainErrors } from '../support/log/log-chain.ts'
import { checkPromises } from '../support/log/log-promises.ts'

/** Seven events: three tasks, the first two claimed and the first one done. Its last four are seq 4 to 7. */
const claimedWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  for (const id of ['one', 'two', 'three']) await workspace.runOk(['add', 'docs', id])
  await workspace.runOk(['claim', 'ann', 'docs'])
  await workspace.runOk(['claim', 'bob', 'docs'])
  await workspace.runOk(['complete', 'ann', 'one'])
  return workspace
}

/** Changes a line (from 1) of the log; returns the text from line `firstLine` on. */
const damageLine = (
  workspace: CliWorkspace,
  line: number,
  change: (text: string) => string,
  firstLine = line,
): string => {
  const lines = workspace.readText('events.jsonl').split('\n')
  lines[line - 1] = change(lines[line - 1] as string)
  writeFileSync(join(workspace.dir, 'events.jsonl'), lines.join('\n'))
  return lines.slice(firstLine - 1).join('\n')
}

/** The byte offset of line 4, which depends on the uptime in the first line. */
const damageOffset = (workspace: CliWorkspace): number =>
  Buffer.byteLength(workspace.readText('events.jsonl').split('\n').slice(0, 3).join('\n')) + 1

const readQuarantine = ({ dir }: CliWorkspace, n = 1): string =>
  readFileSync(join(dir, `events.quarantine.${n}`), 'utf8')

const readFiles = ({ dir }: CliWorkspace): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(({ name }) => [name, readFileSync(join(dir, name), 'utf8')]),
  )

const hashMismatch = 'its hash does not match: this line was changed, or the one before it'

describe('claimlog repair with a damaged log', () => {
  test('previews the repair and prints the command that does it, and changes nothing', async () => {
    const workspace = await claimedWorkspace()
    damageLine(workspace, 4, line => line.replace('three', 'thr\\u001b[2Jee'))
    const before = readFiles(workspace)
    const { status, stdout, stderr } = await workspace.run(['repair'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(`.claimlog/events.jsonl is damaged at line 4, byte ${damageOffset(workspace)}: ${hashMismatch}

keeps    events 1 to 3, 2 tasks
moves    666 bytes from byte ${damageOffset(workspace)} on, 4 lines, to .claimlog/events.quarantine.1
appends  4 events "repaired", seq 4 to 7: no token is granted twice

Readable lines of the moved part, which the log loses:
SEQ  EVENT      TASK
4    added      thr\\u001b[2Jee
5    claimed    one
6    claimed    two
7    completed  one

Nothing was changed. Copy the whole directory first; a backup of the log is better than any repair. To repair:
  claimlog repair --yes
`)
    expect(readFiles(workspace)).toEqual(before)
    const named = await workspace.run(['--dir', '.claimlog', 'repair'])
    expect(named.stdout).toContain('\n  claimlog --dir .claimlog repair --yes\n')
  })

  test('prints the same as JSON, before and after the repair', async () => {
    const workspace = await claimedWorkspace()
    const tail = damageLine(workspace, 4, line => line.replace('three', 'thrEE'))
    const preview = {
      ...{
        ok: true,
        damaged: true,
        repaired: false,
        damage: { line: 4, offset: damageOffset(workspace), detail: hashMismatch },
      },
      quarantine: {
        path: join(workspace.dir, 'events.quarantine.1'),
        from: damageOffset(workspace),
        bytes: tail.length,
        lines: 4,
      },
      ...{ kept: { events: 3, tasks: 2 }, spent: { first: 4, last: 7 } },
    }
    expect(await workspace.runOk(['repair', '--json'])).toEqual(preview)
    expect(parseOutput(await workspace.run(['repair', '--json', '--yes']))).toEqual({
      ...preview,
      repaired: true,
      seq: 7,
    })
    expect(await workspace.runOk(['repair', '--json', '--yes'])).toEqual({
      ...{ ok: true, damaged: false, repaired: false, seq: 7 },
    })
  })

  test('with --yes truncates the log, keeps the rest byte for byte, and records that in the log', async () => {
    const workspace = await claimedWorkspace()
    const kept = workspace.readText('events.jsonl').split('\n').slice(0, 3).join('\n')
    const tail = damageLine(workspace, 4, line => line.slice(0, -1))
    const { status, stdout } = await workspace.run(['repair', '--yes', '--by', 'eve'])
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `repaired: the log ends at seq 7, and work can continue

kept      events 1 to 3, 2 tasks
moved     ${tail.length} bytes from byte ${damageOffset(workspace)} on, 4 lines, to .claimlog/events.quarantine.1
appended  4 events "repaired", seq 4 to 7: no token is granted twice
`,
    })
    expect(readQuarantine(workspace)).toBe(tail)
    expect(workspace.readText('events.jsonl').startsWith(`${kept}\n`)).toBe(true)
    const repaired = { event: 'repaired', quarantine: 'events.quarantine.1', by: 'eve' }
    const reason = { reason: 'it does not end in a hash', offset: damageOffset(workspace), bytes: tail.length }
    const { stdout: tailed } = await workspace.run(['tail', '-n', '4'])
    expect(
      tailed
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as object),
    ).toMatchObject([{ seq: 4, ...repaired, ...reason }, ...[5, 6, 7].map(seq => ({ seq, ...repaired }))])
  })

  test('leaves a log that is valid and that workers can continue with', async () => {
    const workspace = await claimedWorkspace()
    // Line 7 does not continue the new line 6: the following part has room for as many lines as it has bytes for, up to
    // seq 8.
    damageLine(workspace, 6, () => 'no line at all')
    await workspace.run(['repair', '--yes'])
    expect((await workspace.run(['replay', '--check'])).status).toBe(0)
    await workspace.runOk(['verify', '--json'])
    const { tasks } = (await workspace.runOk(['list', '--json'])) as { readonly tasks: ReadonlyArray<object> }
    expect(tasks).toMatchObject([{ id: 'one', claim: { worker: 'ann', token: 5 } }, { id: 'two' }, { id: 'three' }])
    await workspace.runOk(['complete', 'ann', 'one', '--token', '5'])
    expect(await workspace.runOk(['claim', 'cy', 'docs'])).toMatchObject({ task: { id: 'two' }, claim: { token: 10 } })
    const trace = (await workspace.runOk(['trace', 'one', '--json'])) as { readonly steps: ReadonlyArray<object> }
    expect(trace.steps).toMatchObject([{ seq: 2 }, { seq: 5 }, { seq: 9, event: 'completed' }])
    expect(findChainErrors(workspace.readText('events.jsonl'))).toEqual([])
    expect(checkPromises(workspace.readEvents() as ReadonlyArray<CheckedLine>).broken).toEqual([])
  })

  test('issues no token again that was granted in the removed part', async () => {
    const workspace = await claimedWorkspace()
    // Line 4 is deleted: fewer lines follow than seqs were assigned.
    damageLine(workspace, 4, () => '{}', 4)
    const lines = workspace.readText('events.jsonl').split('\n')
    writeFileSync(join(workspace.dir, 'events.jsonl'), [...lines.slice(0, 3), ...lines.slice(4)].join('\n'))
    await workspace.run(['repair', '--yes'])
    const stale = await workspace.run(['complete', 'bob', 'two', '--token', '6'])
    expect([stale.status, parseOutput(stale)['error']]).toEqual([4, 'not_claimed'])
    for (const worker of ['cy', 'dan']) await workspace.runOk(['claim', worker, 'docs'])
    expect(workspace.readEvents().map(({ seq, event }) => `${seq} ${event}`)).toEqual([
      ...['1 opened', '2 added', '3 added', '4 repaired', '5 repaired', '6 repaired', '7 repaired'],
      ...['8 claimed', '9 claimed'],
    ])
    const again = await workspace.run(['complete', 'bob', 'two', '--token', '6'])
    expect([again.status, parseOutput(again)['error']]).toEqual([4, 'lease_lost'])
  })

  test('keeps the queue.json that may show lost tasks, and rewrites it', async () => {
    const workspace = await claimedWorkspace()
    const queue = workspace.readText('queue.json')
    damageLine(workspace, 3, line => `${line} `)
    const { stderr } = await workspace.run(['repair', '--yes'])
    expect(stderr).toBe(
      'claimlog: .claimlog/queue.json did not match the repaired log and may show what was lost;\n' +
        '  it is kept as .claimlog/queue.ahead.json.\n',
    )
    expect(workspace.readText('queue.ahead.json')).toBe(queue)
    expect(JSON.parse(workspace.readText('queue.json'))).toEqual({
      tasks: [{ id: 'one', kind: 'docs', status: 'ready' }],
      ...{ claims: [], seq: 7 },
    })
  })

  test('reports a loss of the first line, and starts with an empty workspace', async () => {
    const workspace = await claimedWorkspace()
    const oldId = workspace.readEvents()[0]?.['workspace']
    const tail = damageLine(workspace, 1, () => '')
    expect((await workspace.run(['repair'])).stdout).toContain(
      'keeps    nothing: line 1 is lost, and the workspace starts empty\n',
    )
    await workspace.run(['repair', '--yes'])
    expect(readQuarantine(workspace)).toBe(tail)
    expect(workspace.readEvents().map(({ seq, event }) => `${seq} ${event}`)).toEqual([
      '1 opened',
      ...[2, 3, 4, 5, 6, 7].map(seq => `${seq} repaired`),
    ])
    expect(workspace.readEvents()[0]?.['workspace']).not.toBe(oldId)
    expect(findChainErrors(workspace.readText('events.jsonl'))).toEqual([])
    expect(await workspace.runOk(['add', 'docs'])).toMatchObject({ seq: 8 })
  })

  test('can repair a second damage', async () => {
    const workspace = await claimedWorkspace()
    damageLine(workspace, 7, line => `x${line}`)
    await workspace.run(['repair', '--yes'])
    const tail = damageLine(workspace, 5, line => `x${line}`)
    await workspace.run(['repair', '--yes'])
    expect(readQuarantine(workspace, 2)).toBe(tail)
    await workspace.runOk(['verify', '--json'])
  })

  test('is suggested by every other command, and none of them repairs the log', async () => {
    const workspace = await claimedWorkspace()
    damageLine(workspace, 5, line => line.replace('ann', 'eve'))
    const before = readFiles(workspace)
    const commands = [['claim', 'cy', 'docs'], ['add', 'docs'], ['list'], ['replay'], ['verify'], ['tail'], ['init']]
    for (const words of commands) {
      const command = words[0] === 'init' ? ['init', '.claimlog'] : words
      const { status, stdout, stderr } = await workspace.run(command)
      expect([words, status]).toEqual([words, 7])
      expect(stdout + stderr).toContain('make a copy of the directory, then run claimlog doctor and claimlog repair')
    }
    expect(readFiles(workspace)).toEqual(before)
  })
})

describe('claimlog repair', () => {
  test.each([{ yes: [] }, { yes: ['--yes'] }])('$yes has nothing to repair in a sound log', async ({ yes }) => {
    const workspace = await claimedWorkspace()
    const before = readFiles(workspace)
    const sound = 'nothing to repair: 7 events, and every line is valid\n'
    expect(await workspace.run(['repair', ...yes])).toEqual({ status: 0, stdout: sound, stderr: '' })
    expect(readFiles(workspace)).toEqual(before)
  })

  test('leaves a torn tail to the next writer', async () => {
    const workspace = await claimedWorkspace()
    appendFileSync(join(workspace.dir, 'events.jsonl'), '{"seq":8,')
    const before = readFiles(workspace)
    expect((await workspace.run(['repair', '--yes'])).stdout).toBe(
      'nothing to repair: 7 events, and every line is valid\n' +
        'the incomplete last line (9 bytes) is not damage: the next writer moves it away\n',
    )
    expect(readFiles(workspace)).toEqual(before)
  })

  test('changes nothing if --by is invalid', async () => {
    const workspace = await claimedWorkspace()
    damageLine(workspace, 5, () => '')
    const before = readFiles(workspace)
    const refused = await workspace.run(['repair', '--yes', '--json', '--by', 'a b'])
    expect([refused.status, parseOutput(refused)['error']]).toEqual([2, 'bad_input'])
    expect(readFiles(workspace)).toEqual(before)
  })

  test('requires a workspace', async () => {
    const workspace = { cwd: temporaryDirectory() }
    const { run } = await newWorkspace()
    const refused = await run(['repair', '--json'], workspace)
    expect([refused.status, parseOutput(refused)['error']]).toEqual([2, 'no_workspace'])
  })
})
