import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  parseOutput,
  claimlog,
  claimlogPath,
  cleanEnvironment,
  run,
  temporaryDirectory,
} from '../support/claimlog-process.ts'
import { type CliWorkspace, ndjson, newWorkspace } from '../support/cli-workspace.ts'

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown

/** A workspace whose output does not depend on durations: the leases have no end. */
const stableWorkspace = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  const input = ndjson(
    { kind: 'docs', task_id: 'inspect-docs', title: 'Read the docs', payload: { pages: 12 } },
    { kind: 'validation', task_id: '検証', title: '日本語 🎉', tags: ['a', 'b'] },
    { kind: 'docs', task_id: 'publish', needs: ['inspect-docs'], priority: 1, lease_ms: 90_000, max_attempts: 1 },
  )
  await workspace.runOk(['add', '-'], input)
  await workspace.runOk(['claim', 'docs-worker', 'docs', '--lease', '3650d'])
  await workspace.runOk(['claim', '検証者', 'validation', '--lease', '3650d'])
  await workspace.runOk(['complete', '検証者', '検証', '--result', '{"passed":true}'])
  await workspace.runOk(['hold', 'publish', '--reason', 'waiting for legal', '--by', 'ann'])
  return workspace
}

/** The text with times and durations replaced by words. */
const maskTimes = (text: string): string =>
  text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'MOMENT')
    .replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'TIME')
    .replace(/\d{4}-\d\d-\d\d/g, 'DATE')
    .replace(/1h 59m/g, 'REST')
    .replace(/3649d 23h/g, 'LONG')
    .replace(/\d+ ms|\d+\.\d s/g, 'WHILE')
    .replace(/[0-9a-f]{32}/g, 'HASH')

describe('the text output has', () => {
  test('one task per line, with columns aligned for a terminal, and its claim', async () => {
    const workspace = await stableWorkspace()
    const { stdout } = await workspace.run(['list'])
    expect(maskTimes(stdout))
      .toBe(`TASK          KIND        STATUS   CLAIM                        NOTE                        TITLE
inspect-docs  docs        ready    docs-worker, LONG left                              Read the docs
検証          validation  done     -                                                        日本語 🎉
publish       docs        blocked  -                            on hold: waiting for legal
`)
    const listed = await workspace.runOk(['list', '--json'])
    expect(listed['seq']).toBe(8)
    expect(listed['tasks']).toMatchObject([
      { id: 'inspect-docs', kind: 'docs', status: 'ready', title: 'Read the docs', claim: { worker: 'docs-worker' } },
      { id: '検証', kind: 'validation', status: 'done', title: '日本語 🎉' },
      { id: 'publish', kind: 'docs', status: 'blocked' },
    ])
    const ids = async (...words: ReadonlyArray<string>) =>
      ((await workspace.runOk(['list', '--json', ...words]))['tasks'] as ReadonlyArray<{ id: string }>).map(t => t.id)
    expect(await ids('--kind', 'docs')).toEqual(['inspect-docs', 'publish'])
    expect(await ids('--status', 'done')).toEqual(['検証'])
    expect(await ids('--status', 'done', '--kind', 'docs')).toEqual([])
    // There are tasks, but none with this status, so the text must not suggest that the workspace is empty.
    expect((await workspace.run(['list', '--status', 'failed'])).stdout).not.toContain('adds one')
  })

  test('all fields of one task, and the same as JSON', async () => {
    const workspace = await stableWorkspace()
    const shown = await Promise.all(['inspect-docs', '検証', 'publish'].map(id => workspace.run(['show', id])))
    expect(shown.map(({ stdout }) => maskTimes(stdout))).toEqual([
      `task      inspect-docs
kind      docs
status    ready
title     Read the docs
claim     docs-worker, LONG left, token 5
attempts  1 of 3
payload   {"pages":12}
added     MOMENT
`,
      `task      検証
kind      validation
status    done
title     日本語 🎉
attempts  1 of 3
tags      a, b
result    {"passed":true}
added     MOMENT
finished  MOMENT by 検証者
`,
      `task        publish
kind        docs
status      blocked
on hold     since MOMENT by ann: waiting for legal
depends on  inspect-docs
waits for   inspect-docs
priority    1
attempts    0 of 1
lease       1m 30s
added       MOMENT
`,
    ])
    const [, added, , , , completed] = workspace.readEvents().slice(1)
    expect(await workspace.runOk(['show', '検証', '--json'])).toEqual({
      task: {
        ...{ id: '検証', kind: 'validation', status: 'done', title: '日本語 🎉', tags: ['a', 'b'] },
        result: { passed: true },
      },
      added_at: added?.time,
      attempts: 1,
      max_attempts: 3,
      finished_at: completed?.time,
      finished_by: '検証者',
      seq: 8,
    })
  })

  test('an overview of the workspace, and the same as JSON', async () => {
    const workspace = await stableWorkspace()
    const { stdout } = await workspace.run(['status'])
    expect(maskTimes(stdout).replace(/^.*\.claimlog/, 'DIR')).toBe(`DIR: 3 tasks, 8 events, the last WHILE ago

KIND        READY  CLAIMED  BLOCKED  DONE  FAILED  CANCELLED
docs        -      1        1        -     -       -
validation  -      -        -        1     -       -

TASK          CLAIMED BY                   TOKEN
inspect-docs  docs-worker, LONG left  5
`)
    const { opened_at, time, dir, claims, ...counts } = await workspace.runOk(['status', '--json'])
    const none = { ready: 0, claimed: 0, blocked: 0, done: 0, failed: 0, cancelled: 0 }
    const kinds = [
      { kind: 'docs', ...none, claimed: 1, blocked: 1 },
      { kind: 'validation', ...none, done: 1 },
    ]
    expect(counts).toEqual({ workspace: uuid, seq: 8, tasks: 3, kinds })
    expect([opened_at, time]).toEqual([workspace.readEvents()[0]?.time, workspace.readEvents().at(-1)?.time])
    expect([dir, claims]).toMatchObject([
      expect.stringMatching(/\.claimlog$/),
      [{ task_id: 'inspect-docs', lapsed: false }],
    ])
  })

  test('the result of verify and replay', async () => {
    const workspace = await stableWorkspace()
    const [verified, replayed] = [await workspace.run(['verify']), await workspace.run(['replay'])]
    expect(maskTimes(verified.stdout)).toBe(
      '8 events verified: shape, seq, chain and validity; the last hash is HASH\n',
    )
    expect(replayed.stdout).toMatch(/^8 events replayed, 3 tasks; .*queue\.json is written\n$/)
    const hash = workspace.readEvents().at(-1)?.['hash']
    expect(await workspace.runOk(['verify', '--json'])).toEqual({ ok: true, seq: 8, hash, unfinished_bytes: 0 })
    expect(await workspace.runOk(['replay', '--json'])).toEqual({ ok: true, seq: 8, tasks: 3, queue_file: 'written' })
  })
})

/** The chart of lanes, with widths that depend on durations. */
const chart = /^LANE .*\n(?:.+\n)+/m

/** The lines of the chart, with one space between columns, masked times, and one character per bar. */
const readLanes = (stdout: string): ReadonlyArray<string> =>
  maskTimes(chart.exec(stdout)?.[0] ?? '')
    .trimEnd()
    .split('\n')
    .map(line => line.replace(/([░█▒┄])\1*/, '$1').replace(/ +/g, ' '))

test('trace reads like a history: added, waited, claimed by a worker for a lease, done after some time', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'inspect-docs', '--by', 'ann'])
  await workspace.runOk(['claim', 'docs-worker', 'docs'])
  await workspace.runOk(['complete', 'docs-worker', 'inspect-docs', '--result', '{"pages":12}'])
  const { stdout } = await workspace.run(['trace', 'inspect-docs'])
  expect(maskTimes(stdout).replace(chart, 'CHART\n')).toBe(`inspect-docs  docs  done

CHART

  DATE UTC
  TIME  added by ann  (seq 2)
                waited WHILE
  TIME  claimed by docs-worker, attempt 1, for 15m  (seq 3)
                ran WHILE
  TIME  completed by docs-worker with {"pages":12}  (seq 4)

  waited WHILE, ran WHILE
`)
})

test('trace shows every change of a task, and each duration', async () => {
  const workspace = await newWorkspace()
  for (const words of [
    ['add', 'docs', 'task'],
    ['claim', 'ann', 'docs', '--lease', '1ms'],
    ['claim', 'bob', 'docs', '--lease', '2h'],
    ['renew', 'bob', 'task', '--lease', '1m', '--progress', '"half"'],
    ['release', 'bob', 'task', '--reason', 'lunch'],
    ['hold', 'task', '--reason', 'legal'],
    ['unhold', 'task'],
    ['claim', 'bob', 'docs', '--lease', '2h'],
    ['fail', 'bob', 'task', '--error', 'no disk', '--no-retry'],
  ])
    await workspace.runOk(words)
  const { stdout } = await workspace.run(['trace', 'task'])
  expect(readLanes(stdout)).toEqual([
    'LANE WHO STARTED TOOK ENDED',
    'waiting TIME WHILE ░',
    'attempt 1 ann TIME WHILE █ lease expired, taken over by bob',
    'retrying TIME WHILE ▒',
    'attempt 2 bob TIME WHILE █ released: lunch',
    'waiting TIME WHILE ░',
    'on hold TIME WHILE ┄ legal; hold removed',
    'waiting TIME WHILE ░',
    'attempt 2 bob TIME WHILE █ failed: no disk',
  ])
  const historyLines = maskTimes(stdout)
    .split('\n')
    .filter(line => line.startsWith('  TIME'))
  expect(historyLines).toEqual([
    '  TIME  added  (seq 2)',
    '  TIME  claimed by ann, attempt 1, for WHILE  (seq 3)',
    '  TIME  the lease expired',
    '  TIME  claimed by bob, attempt 2, for 2h  (seq 4)',
    '  TIME  renewed by bob, for REST, at "half"  (seq 5)',
    '  TIME  released by bob: lunch  (seq 6)',
    '  TIME  put on hold: legal  (seq 7)',
    '  TIME  hold removed  (seq 8)',
    '  TIME  claimed by bob, attempt 2, for 2h  (seq 9)',
    '  TIME  failed by bob: no disk; no further attempt  (seq 10)',
  ])
  const traced = await workspace.runOk(['trace', 'task', '--json'])
  const steps = traced['steps'] as ReadonlyArray<{ event: string; phase?: string; after_ms?: number; time: string }>
  expect(steps.map(({ event, phase }) => [event, phase])).toEqual([
    ['added', undefined],
    ['claimed', 'waiting'],
    ['lapsed', 'running'],
    ['claimed', 'retrying'],
    ['renewed', 'running'],
    ['released', 'running'],
    ['held', 'waiting'],
    ['unheld', 'held'],
    ['claimed', 'waiting'],
    ['failed', 'running'],
  ])
  const spent = ['waited_ms', 'ran_ms', 'retrying_ms', 'held_ms'].reduce((sum, name) => sum + Number(traced[name]), 0)
  expect(spent).toBe(Date.parse(steps.at(-1)?.time ?? '') - Date.parse(steps[0]?.time ?? ''))
})

/** Characters that a terminal interprets, hides or reorders; newlines are part of the output. */
const controlCharacters =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\u3164\u2800\ufe00-\ufe0f\u{e0000}-\u{e0fff}]/u
const hostileText = '\u001b[31m\u009b2J\u0007\r\t\u202e\u2066\u200b\u2028\ufeff\u3164\u2800\ufe0f\u{e0041}\u{e0100}'

test('no control character is printed unescaped, from data or from arguments', async () => {
  const workspace = await newWorkspace()
  const file = workspace.writeFile('nasty.json', JSON.stringify(hostileText))
  const payload = { [`key${hostileText}`]: [hostileText] }
  const input = `${ndjson({ kind: 'k', task_id: 't', title: hostileText, payload })}{"kind":"k","title":"\\ud800"}\n`
  type CommandLine = readonly [words: ReadonlyArray<string>, input?: string]
  const writeCommands: ReadonlyArray<CommandLine> = [
    [['add', '-'], input],
    [['add', 'k', 'u', '--title', hostileText, '--payload', `@${file}`]],
    [['hold', 'u', '--reason', hostileText]],
    [['claim', 'w', '--task', 'u']],
    [['claim', 'w', 'k']],
    [['renew', 'w', 't', '--progress', `@${file}`]],
    [['fail', 'w', 't', '--error', hostileText, '--retry-in', '1ms']],
    [['claim', 'w', 'k']],
    [['release', 'w', 't', '--reason', hostileText]],
    [['claim', 'w', 'k']],
    [['complete', 'w', 't', '--result', `@${file}`]],
  ]
  const readers = [['list'], ['show', 't'], ['show', 'u'], ['trace', 't'], ['trace', 'u']]
  const readCommands: ReadonlyArray<CommandLine> = [
    ...readers.flatMap<CommandLine>(words => [[words], [[...words, '--json']]]),
    [[hostileText]],
    [['show', hostileText]],
    [['list', `--${hostileText}`]],
    [['claim', hostileText]],
    [['add', 'k', '--payload', hostileText]],
    [['add', 'k', '--payload', `@${hostileText}`]],
    [['add', '-'], `{"kind":"k","${hostileText}":1}`],
    [['add', '-'], hostileText],
    [['import', '-'], `{"tasks":[{"id":${JSON.stringify(hostileText)},"kind":"k"}],"claims":[]}`],
    [['import', hostileText]],
    [['list', '--dir', hostileText]],
    [['init', hostileText]],
  ]
  const findUnescaped = async ([words, stdin]: CommandLine): Promise<object> => {
    const { stdout, stderr } = await workspace.run(words, stdin === undefined ? {} : { input: stdin })
    const raw = controlCharacters
      .exec(stdout + stderr)?.[0]
      .codePointAt(0)
      ?.toString(16)
    return raw === undefined ? [] : [{ words, raw }]
  }
  const unescaped: Array<object> = []
  for (const row of writeCommands) unescaped.push(await findUnescaped(row))
  unescaped.push(...(await Promise.all(readCommands.map(findUnescaped))))
  for (const command of ['status', 'verify', 'replay'])
    unescaped.push(await findUnescaped([[command, '--dir', hostileText]]))
  expect(unescaped.flat()).toEqual([])

  // Programs get the complete data: nothing was dropped, only escaped in the text output.
  expect(await workspace.runOk(['show', 't', '--json'])).toMatchObject({
    task: { title: hostileText, payload, result: hostileText },
  })
  const tailOutput = await workspace.run(['tail'])
  expect(tailOutput.stdout).toBe(workspace.readText('events.jsonl'))
})

test('colours are used on a terminal, or with FORCE_COLOR', async () => {
  const workspace = await stableWorkspace()
  const escape = '\u001b'
  for (const words of [['list'], ['status'], ['show', 'publish'], ['trace', 'publish']]) {
    const [plain, forced, refused, json] = await Promise.all([
      workspace.run(words),
      workspace.run(words, { env: { FORCE_COLOR: '1' } }),
      workspace.run(words, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
      workspace.run([...words, '--json'], { env: { FORCE_COLOR: '1' } }),
    ])
    expect(plain.stdout).not.toContain(escape)
    const normalize = (stdout: string): string => maskTimes(stdout).replace(chart, 'CHART')
    expect(normalize(forced.stdout.replaceAll(/\u001b\[\d+m/g, ''))).toBe(normalize(plain.stdout))
    expect(forced.stdout).toContain(escape)
    expect(normalize(refused.stdout)).toBe(normalize(plain.stdout))
    expect(json.stdout).not.toContain(escape)
  }
})

describe('tail', () => {
  test('prints the lines of the log unchanged, all or the last ones', async () => {
    const workspace = await stableWorkspace()
    const log = workspace.readText('events.jsonl')
    const lines = log.split(/(?<=\n)/)
    const tailOutput = async (...words: ReadonlyArray<string>) => (await workspace.run(['tail', ...words])).stdout
    expect(await tailOutput()).toBe(log)
    expect(await tailOutput('--json')).toBe(log)
    expect(await tailOutput('-n', '2')).toBe(lines.slice(-2).join(''))
    expect(await tailOutput('-n', '0')).toBe('')
    expect(await tailOutput('--lines', '1000')).toBe(log)
  })

  test('-f prints new events until it is interrupted', async () => {
    const workspace = await newWorkspace()
    const child = spawn(process.execPath, [claimlogPath, 'tail', '-f'], { cwd: workspace.cwd, env: cleanEnvironment() })
    let stdout = ''
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const printed = (count: number): Promise<void> =>
      new Promise(resolve => {
        const check = (): void =>
          stdout.split('\n').length > count ? resolve() : void child.stdout.once('data', check)
        check()
      })
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const closed = once(child, 'close')
    await printed(1)
    await workspace.runOk(['add', 'docs', 'one'])
    await printed(2)
    await workspace.runOk(['add', '-'], ndjson({ kind: 'docs' }, { kind: 'docs' }))
    await printed(4)
    child.kill('SIGINT')
    expect(await closed).toEqual([130, null])
    expect([stdout, stderr]).toEqual([workspace.readText('events.jsonl'), ''])
  })

  test('and the other commands exit quietly when their reader closes the pipe', async () => {
    const workspace = await newWorkspace()
    const title = 'x'.repeat(200)
    await workspace.runOk(['add', '-'], ndjson(...Array.from({ length: 1000 }, () => ({ kind: 'docs', title }))))
    for (const command of ['tail', 'list', 'list --json', 'tail -f']) {
      const script = `{ "$0" "$1" ${command}; echo "exit $?" >&2; } | head -1`
      const piped = await run('sh', ['-c', script, process.execPath, claimlogPath], { cwd: workspace.cwd })
      expect({ command, ...piped }).toMatchObject({
        command,
        status: 0,
        stderr: expect.stringMatching(/^exit \d+\n$/) as unknown,
      })
      expect(piped.stdout.split('\n')).toHaveLength(2)
    }
  })
})

describe('help', () => {
  const commands = ['init', 'add', 'import', 'claim', 'complete', 'fail', 'renew', 'release', 'hold', 'unhold']
  commands.push('list', 'show', 'status', 'trace', 'replay', 'verify', 'tail')

  test('of every command begins with an example, and names the variable of each flag', async () => {
    const cwd = temporaryDirectory()
    const flagVariables = [
      ['--dir <dir>', 'CLAIMLOG_DIR'],
      ['--by <name>', 'CLAIMLOG_BY'],
      ['--durability <level>', 'CLAIMLOG_DURABILITY'],
      ['--lock-timeout <duration>', 'CLAIMLOG_LOCK_TIMEOUT'],
    ] as const
    const printed = await Promise.all(commands.map(command => claimlog([command, '--help'], { cwd })))
    for (const [i, { status, stdout, stderr }] of printed.entries()) {
      const command = commands[i]
      expect([status, stderr, stdout.split('\n')[0]]).toEqual([0, '', expect.stringMatching(`^  claimlog ${command}`)])
      expect(stdout).toContain(`\nUsage: claimlog ${command} `)
      for (const [flag, variable] of flagVariables)
        expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`${flag} [^<]*env: ${variable}`))
    }
  })

  test('of all commands begins with a first session, and is also printed without arguments', async () => {
    const cwd = temporaryDirectory()
    const [help, word, noArguments] = await Promise.all(
      [['--help'], ['help'], []].map(words => claimlog(words, { cwd })),
    )
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help?.stdout).toMatch(/^ {2}claimlog init\n {2}claimlog add /)
    for (const command of commands) expect(help?.stdout).toMatch(new RegExp(`^  ${command} `, 'm'))
    expect([word, noArguments]).toEqual([help, help])
    expect(await claimlog(['help', 'add'], { cwd })).toEqual(await claimlog(['add', '--help'], { cwd }))
  })

  test('is not required for --version', async () => {
    const manifest = JSON.parse(readFileSync(join(claimlogPath, '..', '..', 'package.json'), 'utf8')) as {
      version: string
    }
    const cwd = temporaryDirectory()
    expect(await claimlog(['--version'], { cwd })).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' })
    expect(parseOutput(await claimlog(['claim'], { cwd }))).toMatchObject({ error: 'usage' })
  })
})
