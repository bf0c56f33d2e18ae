import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseOutput, claimlogPath, cleanEnvironment } from '../support/claimlog-process.ts'
import { type CliWorkspace, type CliLogLine, ndjson, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { badInput, type RefusedCommand } from './refused-commands.ts'

/** Appends events with valid hashes, as a newer version or a broken program would. */
const appendLines = async (dir: string, ...lines: ReadonlyArray<object>): Promise<void> => {
  type NumberedLine = { readonly seq: number }
  const codec = {
    encode: (line: NumberedLine) => JSON.stringify(line),
    decode: (json: unknown) => E.right(json as NumberedLine),
  }
  const opened = await openFileLog<NumberedLine>({ dir, codec, durability: 'os' })()
  if (E.isLeft(opened)) throw new Error(opened.left.failure)
  const log = opened.right
  let time = ''
  const end = await log.read(0, read => (time = (read.at(-1) as unknown as { time: string }).time))()
  const seq = E.isRight(end) ? end.right : 0
  expect(
    await log.append(
      seq,
      lines.map((line, i) => ({ seq: seq + 1 + i, time, ...line })),
    )(),
  ).toEqual(E.right(undefined))
  await log.close()
}

/** Creates a task in every state that a refusal can be about. */
const prepareTasks = async ({ runOk, dir }: CliWorkspace): Promise<void> => {
  await runOk(['init'])
  const docs = ['free', 'mine', 'done', 'failed', 'held', 'lost'].map(task_id => ({ kind: 'docs', task_id }))
  const input = ndjson(
    ...docs,
    { kind: 'docs', task_id: 'blocked', needs: ['free', 'mine'] },
    { kind: 'later', task_id: 'later', not_before: '2999-01-01T00:00:00.000Z' },
    { kind: 'used', task_id: 'used', max_attempts: 1 },
    { kind: 'paused', task_id: 'paused' },
    { kind: 'full', task_id: 'full' },
    { kind: 'full', task_id: 'full-too' },
  )
  await runOk(['add', '-'], input)
  for (const task of ['lost', 'used']) await runOk(['claim', 'ann', '--task', task, '--lease', '1ms'])
  for (const task of ['mine', 'done', 'failed', 'full']) await runOk(['claim', 'ann', '--task', task, '--lease', '1h'])
  await runOk(['claim', 'bob', '--task', 'lost', '--lease', '1h'])
  await runOk(['complete', 'ann', 'done', '--result', '1'])
  await runOk(['fail', 'ann', 'failed', '--no-retry'])
  await runOk(['hold', 'held', '--reason', 'legal'])
  await appendLines(
    dir,
    { event: 'paused', kind: 'paused', reason: 'no paper' },
    { event: 'limited', kind: 'full', limit: 1 },
  )
}

const listRefusals = (
  exit: number,
  error: string,
  data: Readonly<Record<string, unknown>>,
  ...lines: ReadonlyArray<string>
): ReadonlyArray<RefusedCommand> => lines.map(line => ({ words: line.split(' '), exit, error, data }))

const stateRefusals: ReadonlyArray<RefusedCommand> = [
  ...listRefusals(3, 'no_ready_task', { kinds: ['none', 'of-these'] }, 'claim w none of-these'),
  ...listRefusals(3, 'no_ready_task', { next_at: '2999-01-01T00:00:00.000Z' }, 'claim w later'),
  ...listRefusals(3, 'no_ready_task', { paused: ['paused'], full: ['full'] }, 'claim w paused full'),
  ...listRefusals(
    4,
    'not_claimed',
    { task_id: 'free' },
    'complete w free',
    'fail w free',
    'renew w free',
    'release w free',
  ),
  ...listRefusals(
    4,
    'not_holder',
    { task_id: 'mine', claim: expect.objectContaining({ worker: 'ann' }) as unknown },
    ...['complete w mine', 'fail w mine', 'renew w mine', 'release w mine', 'complete ann mine --token 999'],
  ),
  ...listRefusals(
    4,
    'lease_lost',
    { task_id: 'lost', holder: expect.objectContaining({ worker: 'bob' }) as unknown },
    ...['complete ann lost', 'fail ann lost', 'renew ann lost', 'release ann lost', 'complete ann lost --token 14'],
  ),
  ...listRefusals(5, 'unknown_task', { task_id: 'ghost' }, 'claim w --task ghost', 'complete w ghost', 'fail w ghost'),
  ...listRefusals(
    5,
    'unknown_task',
    { task_id: 'ghost' },
    'renew w ghost',
    'release w ghost',
    'hold ghost',
    'unhold ghost',
  ),
  ...listRefusals(
    5,
    'unknown_task',
    { task_id: 'ghost' },
    'show ghost --json',
    'trace ghost --json',
    'add k --needs ghost',
  ),
  ...listRefusals(5, 'unknown_task', { task_id: '__proto__' }, 'show __proto__ --json', 'hold __proto__'),
  ...listRefusals(
    5,
    'unknown_task',
    { task_id: 'ghost' },
    'cancel ghost',
    'retry ghost',
    'note ghost x',
    'why ghost --json',
  ),
  ...listRefusals(5, 'unknown_task', { task_id: 'ghost' }, 'amend ghost --title x', 'amend free --needs ghost'),
  ...listRefusals(5, 'unknown_task', { task_id: 'free' }, 'show free --json --at 1', 'why free --json --at 1'),
  ...listRefusals(6, 'task_exists', { task_id: 'free', fields: ['kind'] }, 'add other free'),
  ...listRefusals(
    6,
    'task_exists',
    { task_id: 'free', fields: ['title', 'priority'] },
    'add docs free --title t --priority 1',
  ),
  {
    words: 'add docs free --max-attempts 2 --lease 5s'.split(' '),
    exit: 6,
    error: 'task_exists',
    data: { task_id: 'free', fields: ['max_attempts', 'lease_ms'] },
    messagePart: 'max_attempts, lease_ms',
  },
  ...listRefusals(6, 'needs_cycle', { path: ['self', 'self'] }, 'add docs self --needs self'),
  ...listRefusals(6, 'needs_cycle', { path: ['free', 'blocked', 'free'] }, 'amend free --needs blocked'),
  ...listRefusals(
    6,
    'task_finished',
    { task_id: 'done', status: 'done', worker: 'ann' },
    ...['claim w --task done', 'hold done', 'complete w done', 'complete ann done --result 2'],
    ...['renew ann done', 'release ann done', 'fail ann done', 'cancel done'],
  ),
  ...listRefusals(
    6,
    'task_finished',
    { task_id: 'failed', status: 'failed' },
    'claim w --task failed',
    'complete ann failed',
  ),
  ...listRefusals(6, 'task_held', { task_id: 'held', reason: 'legal' }, 'claim w --task held'),
  ...listRefusals(6, 'task_blocked', { task_id: 'blocked', needs: ['free', 'mine'] }, 'claim w --task blocked'),
  ...listRefusals(6, 'not_due', { task_id: 'later', due_at: '2999-01-01T00:00:00.000Z' }, 'claim w --task later'),
  ...listRefusals(
    6,
    'attempts_used_up',
    { task_id: 'used', attempts: 1 },
    'claim w --task used',
    'amend used --needs free',
  ),
  ...listRefusals(6, 'attempts_used_up', { task_id: 'lost', attempts: 2 }, 'amend lost --max-attempts 1'),
  ...listRefusals(6, 'kind_paused', { kind: 'paused', reason: 'no paper' }, 'claim w --task paused'),
  ...listRefusals(6, 'kind_full', { kind: 'full', limit: 1 }, 'claim w --task full-too'),
  ...listRefusals(
    6,
    'already_claimed',
    { task_id: 'mine' },
    'claim w --task mine',
    'hold mine',
    'amend mine --kind other',
  ),
  ...listRefusals(6, 'already_claimed', { task_id: 'mine' }, 'amend mine --needs free'),
  ...listRefusals(6, 'seq_conflict', { expected_seq: 1, seq: 25 }, 'claim w --expect-seq 1'),
  ...listRefusals(6, 'queue_differs', {}, 'replay --check --json'),
]

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'claimlog-refusals-'))
  const template = join(root, 'template')
  mkdirSync(template)
  await prepareTasks(cliWorkspace(template))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let copyCount = 0
/** A copy of the prepared workspace, so that no command sees the changes of another one. */
const copyOfPrepared = (): CliWorkspace => {
  const cwd = join(root, String((copyCount += 1)))
  cpSync(join(root, 'template'), cwd, { recursive: true, preserveTimestamps: true })
  return cliWorkspace(cwd)
}

/** Words of commands that delete data. */
const destructiveWords = /\brm\b|delet|remov|overwrit|truncat|reset|eras|wipe|--force/i

/** Keeps the end of a text, which distinguishes the rows. */
const shortenStart = (text: string): string => {
  const shown = text.replace(/[^ -~]/g, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return shown.length > 70 ? `…${shown.slice(-69)}` : shown
}

/** The arguments, then the last line of the input. */
const formatTitle = ({ words, input, file }: RefusedCommand): string => {
  const shown = words.map(word => shortenStart(/^[\w@.-]+$/.test(word) ? word : `'${word}'`))
  const read = (input ?? file)?.toString().trimEnd().split('\n').at(-1)
  return [...shown, ...(read === undefined ? [] : ['<', shortenStart(read)])].join(' ')
}

describe('a refusal is one document with a hint, and leaves the log unchanged:', () => {
  const cases = [...badInput, ...stateRefusals].map(row => [formatTitle(row), row.error, row] as const)

  test.concurrent.for(cases)('%s is refused: %s', async ([, , row], { expect }) => {
    const workspace = copyOfPrepared()
    if (row.file !== undefined) workspace.writeFile('input.json', row.file)
    const log = readFileSync(join(workspace.dir, 'events.jsonl'))

    const result = await workspace.run(row.words, row.input === undefined ? {} : { input: row.input })
    const { ok, error, message, hint, ...data } = parseOutput(result)
    // A warning about an unknown kind is printed in addition.
    const stderr = result.stderr.replace(/^claimlog: warning: there is no task of kind .*\n/gm, '')
    expect({ status: result.status, ok, error, stderr }).toEqual({
      status: row.exit,
      ok: false,
      error: row.error,
      stderr: '',
    })
    expect(message).toMatch(/\S{2}/)
    expect(message).not.toMatch(/ReadonlyArray|undefined|\[object|\(outputHelp\)|tasks\.0/)
    expect(hint).toMatch(/\S{2}/)
    expect(hint).not.toMatch(destructiveWords)
    expect(`${String(message)} ${String(hint)}`).toContain(row.messagePart ?? '')
    if (row.error === 'no_workspace') expect(`${String(message)} ${String(hint)}`).toContain('claimlog init')
    expect(data).toMatchObject(row.data ?? {})
    expect(readFileSync(join(workspace.dir, 'events.jsonl')).equals(log)).toBe(true)
  })
})

/** Every command that reads the log and prints one document. */
const everyCommand = ['status --json', 'list --json', 'show free --json', 'trace free --json', 'replay --json']
everyCommand.push('verify --json', 'init', 'add k', 'claim w', 'import -', 'list --json --at 1', 'diff 1 --json')
everyCommand.push('why free --json', 'amend free --title x', 'pause docs')

describe('a damaged log stops every command and remains unchanged:', () => {
  const lines = (change: (lines: Array<string>) => void) => (log: Buffer) => {
    const list = log.toString().split('\n')
    change(list)
    return Buffer.from(list.join('\n'))
  }
  const damageCases: ReadonlyArray<readonly [what: string, line: number, change: (log: Buffer) => Buffer]> = [
    ['a changed letter', 3, lines(list => void (list[2] = (list[2] ?? '').replace('mine', 'mind')))],
    ['a lost line', 2, lines(list => void list.splice(1, 1))],
    ['a line twice', 3, lines(list => void list.splice(1, 0, list[1] ?? ''))],
    ['two lines swapped', 2, lines(list => void list.splice(1, 2, list[2] ?? '', list[1] ?? ''))],
    ['an empty line', 2, lines(list => void list.splice(1, 0, ''))],
    ['another line end', 1, lines(list => void (list[0] = `${list[0]}\r`))],
    ['a byte that is not UTF-8', 2, log => Buffer.from(log.toString('latin1').replace('free', 'fr\xffe'), 'latin1')],
    ['zeros', 2, log => Buffer.from(log.toString('latin1').replace('free', '\0\0\0\0'), 'latin1')],
    ['a lost start', 1, log => log.subarray(100)],
  ]

  test.concurrent.for(damageCases)(
    '%s is found at line %i and its byte offset',
    async ([, line, change], { expect }) => {
      const workspace = copyOfPrepared()
      const logPath = join(workspace.dir, 'events.jsonl')
      const log = change(readFileSync(logPath))
      writeFileSync(logPath, log)
      const offset =
        log
          .toString('latin1')
          .split('\n')
          .slice(0, line - 1)
          .join('\n').length + (line > 1 ? 1 : 0)
      for (const command of line === 3 ? everyCommand : ['claim w', 'verify --json']) {
        const result = await workspace.run(command.split(' '), { input: '[]' })
        const { hint, cause: _cause, ...document } = parseOutput(result)
        expect({ command, status: result.status, ...document }).toEqual({
          command,
          status: 7,
          ok: false,
          error: 'log_damaged',
          message: expect.stringMatching(`is damaged at line ${line}, byte ${offset}: `) as unknown,
          path: logPath,
          line,
          offset,
        })
        expect(hint).not.toMatch(destructiveWords)
        expect(readFileSync(logPath).equals(log)).toBe(true)
      }
    },
  )

  test('tail prints the lines before the damage, and the error is also one JSON line', async () => {
    const workspace = copyOfPrepared()
    const log = workspace.readText('events.jsonl')
    writeFileSync(join(workspace.dir, 'events.jsonl'), log.replace('"task_id":"held"', '"task_id":"hold"'))
    for (const words of [
      ['tail', '--json'],
      ['tail', '-f', '--json'],
    ]) {
      const { status, stdout } = await workspace.run(words)
      const lines = stdout.trimEnd().split('\n')
      expect([status, lines.slice(0, 1)]).toEqual([7, log.split('\n').slice(0, 1)])
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ ok: false, error: 'log_damaged', line: 6 })
    }
  })

  test('events of a newer version are refused by name', async () => {
    const workspace = copyOfPrepared()
    await appendLines(workspace.dir, { event: 'teleported', task_id: 'free' })
    const log = workspace.readText('events.jsonl')
    for (const command of ['claim w', 'list --json', 'verify --json']) {
      const result = await workspace.run(command.split(' '))
      expect(result.status).toBe(7)
      expect(parseOutput(result)).toMatchObject({
        error: 'unknown_format',
        message: expect.stringContaining('teleported') as unknown,
        line: 26,
      })
    }
    expect(workspace.readText('events.jsonl')).toBe(log)
  })

  test('a valid line with an impossible event is found by verify', async () => {
    const workspace = copyOfPrepared()
    await appendLines(workspace.dir, { event: 'completed', worker: 'ann', task_id: 'free', token: 7 })
    const verified = await workspace.run(['verify', '--json'])
    expect(verified.status).toBe(7)
    expect(parseOutput(verified)).toMatchObject({ error: 'log_damaged', line: 26 })
  })
})

test('a log of another format is refused', async () => {
  const workspace = await newWorkspace()
  const logPath = join(workspace.dir, 'events.jsonl')
  const { event, workspace: id, lease_ms, max_attempts, backoff, time } = workspace.readEvents()[0] as CliLogLine
  writeFileSync(logPath, '')
  await appendLines(workspace.dir, { event, format: 2, workspace: id, lease_ms, max_attempts, backoff, time })
  for (const words of [['claim', 'w'], ['verify', '--json'], ['init']]) {
    const result = await workspace.run(words)
    expect(result.status).toBe(7)
    expect(parseOutput(result)).toMatchObject({ error: 'unknown_format', line: 1, offset: 0 })
  }
})

test('an empty log is not a workspace, and init creates one in it', async () => {
  const workspace = await newWorkspace()
  writeFileSync(join(workspace.dir, 'events.jsonl'), '')
  const claimed = await workspace.run(['claim', 'w'])
  expect([claimed.status, parseOutput(claimed)]).toMatchObject([2, { error: 'no_workspace' }])
  expect(await workspace.runOk(['init'])).toMatchObject({ created: true, seq: 1 })
})

test('a command gives up after --lock-timeout, with the pid of the holder of the lock; readers do not wait for it', async () => {
  const workspace = await newWorkspace()
  const logPath = join(workspace.dir, 'events.jsonl')
  const log = workspace.readText('events.jsonl')
  const results = await withLockFile(logPath, 1000, () =>
    [['add', 'k', '--lock-timeout', '50ms'], ['list']].map(words =>
      spawnSync(process.execPath, [claimlogPath, ...words], {
        cwd: workspace.cwd,
        encoding: 'utf8',
        env: cleanEnvironment(),
      }),
    ),
  )()
  if (E.isLeft(results)) throw new Error(results.left.failure)
  const [added, listed] = results.right
  expect(added?.status).toBe(8)
  expect(JSON.parse(added?.stdout ?? '')).toMatchObject({
    ok: false,
    error: 'lock_timeout',
    path: logPath,
    waited_ms: expect.any(Number) as unknown,
    ...(process.platform === 'linux' ? { holder_pid: process.pid } : {}),
  })
  expect(listed?.status).toBe(0)
  expect(workspace.readText('events.jsonl')).toBe(log)
})

test('a log that cannot be read is an I/O failure with its path', async () => {
  const workspace = await newWorkspace()
  const logPath = join(workspace.dir, 'events.jsonl')
  rmSync(logPath)
  mkdirSync(logPath)
  for (const words of [['add', 'k'], ['list', '--json'], ['verify', '--json'], ['init']]) {
    const result = await workspace.run(words)
    expect({ words, status: result.status, ...parseOutput(result) }).toMatchObject({
      words,
      status: 1,
      error: 'io_failed',
      path: logPath,
    })
  }
})

test('people get the same refusal as text on stderr, with the same exit code', async () => {
  const workspace = copyOfPrepared()
  const results = await Promise.all([
    workspace.run(['show', 'ghost']),
    workspace.run(['list', '--status', 'claimed']),
    workspace.run(['--by', 'add', 'list', '--bogus']),
    workspace.run(['status', '--dir', 'nowhere']),
  ])
  expect(results.map(({ status, stdout }) => [status, stdout])).toEqual([
    [5, ''],
    [2, ''],
    [2, ''],
    [2, ''],
  ])
  expect(results.map(({ stderr }) => stderr.split('\n').length)).toEqual([3, 3, 3, 3])
  expect(results[0]?.stderr).toMatch(/^claimlog: there is no task ghost \(unknown_task\)\n {2}claimlog list .*\n$/)
})

test('a command in a hint can be pasted into a shell, for any task id', async () => {
  const workspace = await newWorkspace()
  const id = '$(id);`id`'
  await workspace.runOk(['add', 'docs', id])
  await workspace.runOk(['hold', id])
  const claimed = parseOutput(await workspace.run(['claim', 'w', '--task', id]))
  expect(claimed).toMatchObject({
    error: 'task_held',
    hint: expect.stringContaining(`claimlog unhold '${id}'`) as unknown,
  })
})
