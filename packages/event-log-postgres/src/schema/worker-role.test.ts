import { createHash, randomUUID } from 'node:crypto'
import { beforeAll, expect, it } from 'vitest'
import { describeEachServer } from '../../testing/describe-each-server.ts'
import { createSampleWorkspace, openSampleLog, runSql } from '../../testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../postgres-location.ts'

const time = '2026-01-01T00:00:00.000Z'

/** The hash of a line after a line with the hash `previous`. `json`: the line without its hash. */
const chainHash = (previous: string, json: string): string =>
  createHash('sha256').update(`${previous}${json}`).digest('hex').slice(0, 32)

const seal = (previous: string, json: string): string => `${json.slice(0, -1)},"hash":"${chainHash(previous, json)}"}`

const sampleLine = (seq: number, more: { readonly [field: string]: unknown } = {}): string =>
  JSON.stringify({ seq, event: 'said', word: 'w', ...more, time })

const left = (line: string): string => line.slice(-34, -2)

type AppendArguments = {
  readonly workspace: unknown
  readonly expected: unknown
  readonly previous: unknown
  readonly lines: unknown
  readonly lasts: unknown
  readonly id: unknown
  readonly durable: unknown
  readonly turn: unknown
}

describeEachServer('a role with the rights of a worker only', getCluster => {
  let owner: PostgresLocation
  let worker: PostgresLocation
  let workspaceId: number
  /** The hash of the last line, which is line 2. */
  let hash: string

  beforeAll(async () => {
    owner = await createSampleWorkspace(getCluster())
    await runSql(owner, `CREATE ROLE ann LOGIN PASSWORD '${owner.password ?? ''}' IN ROLE claimlog_worker`)
    worker = { ...owner, user: 'ann' }
    const log = await openSampleLog(worker)
    expect(await log.append(0, [{ seq: 1, word: 'one' }])()).toMatchObject({ _tag: 'Right' })
    expect(await log.append(1, [{ seq: 2, word: 'two' }])()).toMatchObject({ _tag: 'Right' })
    await log.close()
    const [row] = await runSql(owner, 'SELECT id FROM claimlog.workspaces WHERE name = $1', [owner.workspace])
    workspaceId = Number(row?.['id'])
    hash = left((await readLines()).at(-1) ?? '')
  })

  const readLines = async (): Promise<ReadonlyArray<string>> => {
    const rows = await runSql(owner, 'SELECT line FROM claimlog.events WHERE workspace = $1 ORDER BY seq', [
      workspaceId,
    ])
    return rows.map(({ line }) => String(line))
  }

  const append = (changes: Partial<AppendArguments>, as = worker): Promise<unknown> => {
    const position = { workspace: workspaceId, expected: 2, previous: hash, lines: [], lasts: [1] }
    const args = { ...position, id: randomUUID(), durable: true, turn: 'never', ...changes }
    const values = [args.workspace, args.expected, args.previous, args.lines, args.lasts, args.id, args.durable]
    return runSql(as, 'SELECT * FROM claimlog.append($1, $2, $3, $4, $5, $6, $7, $8)', [...values, args.turn])
  }

  /** Expects that the statement fails with this code, and that the log is as it was. */
  const expectRefused = async (code: string, statement: () => Promise<unknown>): Promise<void> => {
    const before = await readLines()
    const failure = await statement().then(
      () => 'done',
      (thrown: unknown) => String((thrown as { readonly code?: unknown }).code),
    )
    expect(failure).toBe(code)
    expect(await readLines()).toEqual(before)
  }

  it('reads, appends, listens and finds its workspace', async () => {
    const own = { ...(await createSampleWorkspace(getCluster())), user: 'ann' }
    const [log, other] = [await openSampleLog(own), await openSampleLog(own)]
    const watch = other.watch()
    expect(await log.append(0, [{ seq: 1, word: 'own' }])()).toMatchObject({ _tag: 'Right' })
    await watch.next(AbortSignal.timeout(60_000))
    const words: Array<string> = []
    expect(await other.read(0, events => words.push(...events.map(({ word }) => word)))()).toMatchObject({ right: 1 })
    expect(words).toEqual(['own'])
    await Promise.all([log.close(), other.close()])
  })

  it('cannot change, remove or add rows itself', async () => {
    const statements = [
      `UPDATE claimlog.events SET line = 'x'`,
      'DELETE FROM claimlog.events',
      'TRUNCATE claimlog.events',
      `INSERT INTO claimlog.events (workspace, seq, line) VALUES (${workspaceId}, 3, 'x')`,
      'UPDATE claimlog.workspaces SET accepting = false',
      `INSERT INTO claimlog.workspaces (name) VALUES ('other')`,
      'UPDATE claimlog.schema_version SET version = 2',
      'CREATE TABLE claimlog.mine (id int)',
      'ALTER TABLE claimlog.events DISABLE TRIGGER ALL',
      'DROP TABLE claimlog.events',
      'BEGIN; LOCK TABLE claimlog.events IN EXCLUSIVE MODE; COMMIT',
      `SELECT claimlog.check_lines(0, '', NULL, '{}', '{}', NULL)`,
      `SELECT claimlog.take_turn(1, 'take')`,
    ]
    for (const statement of statements) await expectRefused('42501', () => runSql(worker, statement))
  })

  it('cannot append a line that does not follow the log', async () => {
    const next = seal(hash, sampleLine(3))
    const gap = seal(hash, sampleLine(100))
    const wrongHash = `${next.slice(0, -34)}${'0'.repeat(32)}"}`
    const newline = seal(hash, sampleLine(3).replace('"w"', '"w" \n'))
    const long = seal(hash, sampleLine(3, { long: 'x'.repeat(1024 * 1024) }))
    const open = seal(hash, sampleLine(3).replace('}', ',"more":true}'))
    const noJson = seal(hash, sampleLine(3).replace('"w"', 'w'))
    const elsewhere = seal(hash, sampleLine(4))
    const second = seal(left(next), sampleLine(4))
    const refused: ReadonlyArray<readonly [string, Partial<AppendArguments>]> = [
      ['CL001', { lines: [gap], expected: 99 }],
      ['CL002', { lines: [gap] }],
      ['CL002', { lines: [elsewhere] }],
      ['CL002', { lines: [wrongHash] }],
      ['CL001', { lines: [next], previous: '0'.repeat(32) }],
      ['CL002', { lines: [newline] }],
      ['CL002', { lines: [long] }],
      ['CL002', { lines: [open] }],
      ['22P02', { lines: [noJson] }],
      ['CL002', { lines: [next, second], lasts: [1] }],
      ['CL002', { lines: [next, second], lasts: [2] }],
      ['CL002', { lines: [next], lasts: [] }],
      ['CL002', { lines: [next], lasts: [2] }],
      ['CL002', { lines: [next, second], lasts: [3, -1] }],
      ['CL002', { lines: [next, second], lasts: [null] }],
      ['CL002', { lines: [], lasts: [] }],
      ['CL002', { lines: `[0:1]={${[next, second].map(line => JSON.stringify(line)).join(',')}}`, lasts: [1, 1] }],
      ['CL002', { lines: [[next], [second]], lasts: [1, 1] }],
      ['CL002', { lines: [next], turn: 'always' }],
      ['CL001', { lines: [next], workspace: 0 }],
    ]
    for (const [code, changes] of refused) await expectRefused(code, () => append(changes))
  })

  it('cannot append a line from the future, or one without a time', async () => {
    const future = new Date(Date.now() + 60_000).toISOString()
    const at = (text: string): string => seal(hash, sampleLine(3).replace(time, text))
    await expectRefused('CL004', () => append({ lines: [at(future)] }))
    await expectRefused('CL002', () => append({ lines: [at('tomorrow')] }))
    await expectRefused('22008', () => append({ lines: [at('2026-13-45T00:00:00.000Z')] }))
    await expectRefused('CL002', () => append({ lines: [seal(hash, '{"seq":3,"event":"said","word":"w"}')] }))
  })

  it('cannot append a line past the checks by leaving out what they compare', async () => {
    const gap = { lines: [seal('0'.repeat(32), sampleLine(100))], expected: 99, previous: '0'.repeat(32) }
    await expectRefused('CL002', () => append({ ...gap, id: null }))
    const next = seal(hash, sampleLine(3))
    for (const name of ['workspace', 'expected', 'previous', 'lines', 'lasts', 'id', 'durable', 'turn'])
      await expectRefused('CL002', () => append({ lines: [next], [name]: null }))
    await expectRefused('CL002', () => append({ lines: [null] }))
  })

  it('cannot begin a log with anything but a first line', async () => {
    const own = await createSampleWorkspace(getCluster())
    const [row] = await runSql(own, 'SELECT id FROM claimlog.workspaces WHERE name = $1', [own.workspace])
    const empty = { workspace: row?.['id'], expected: 0 }
    const wrong = `${sampleLine(1).slice(0, -1)},"hash":"${'0'.repeat(32)}"}`
    await expectRefused('CL002', () => append({ ...empty, previous: 'other', lines: [seal('other', sampleLine(1))] }))
    await expectRefused('CL002', () => append({ ...empty, previous: null, lines: [wrong] }))
    await expectRefused('CL002', () =>
      append({ ...empty, expected: -1, previous: '', lines: [seal('', sampleLine(0))] }),
    )
    expect(await append({ ...empty, previous: '', lines: [seal('', sampleLine(1))] })).toMatchObject([{ line: null }])
  })

  it('cannot put functions of its own in the way of those that append calls', async () => {
    await expectRefused('42501', () =>
      runSql(worker, `CREATE FUNCTION claimlog.starts_with(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'`),
    )
    const shadow = `CREATE FUNCTION pg_temp.length(bytea) RETURNS int LANGUAGE sql AS 'SELECT 0'`
    const values = `${workspaceId}, 2, '${hash}', ARRAY['x'], ARRAY[1], gen_random_uuid(), true, 'never'`
    await expectRefused('CL002', () => runSql(worker, `${shadow}; SELECT * FROM claimlog.append(${values})`))
  })

  it('is not the only one that cannot change a line: the owner of the table cannot, either', async () => {
    for (const statement of [
      `UPDATE claimlog.events SET line = 'x'`,
      'DELETE FROM claimlog.events',
      'TRUNCATE claimlog.events',
    ])
      await expectRefused('42501', () => runSql(owner, statement))
  })
})
