import { read, utils, type WorkSheet } from '@e965/xlsx'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks, hostileTexts, hostileId } from './hostile-tasks.ts'

type CsvRow = Readonly<Record<string, string>>
type JsonTask = Readonly<Record<string, unknown>> & { readonly id: string }

const runExport = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout, stderr } = await workspace.run(['export', ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** The sheet that a spreadsheet program reads from CSV. `raw`: it treats every cell as text. */
const readSheet = (csv: string, raw: boolean): WorkSheet => {
  const { SheetNames, Sheets } = read(csv, { type: 'string', raw, cellFormula: true })
  return Sheets[SheetNames[0] ?? ''] as WorkSheet
}

/** The cell without the apostrophe that the export adds in front of a formula. */
const stripApostrophe = (cell: string): string => cell.replace(/^'/, '')

const readRows = (csv: string): ReadonlyArray<CsvRow> =>
  utils
    .sheet_to_json<CsvRow>(readSheet(csv, true), { raw: true, defval: '' })
    .map(row => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, stripApostrophe(String(cell))])))

const listTasks = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<ReadonlyArray<JsonTask>> =>
  (parseOutput(await workspace.run(['list', '--json', ...words])) as { readonly tasks: ReadonlyArray<JsonTask> }).tasks

const showTask = async (workspace: CliWorkspace, id: string): Promise<Record<string, unknown>> => {
  const {
    task,
    seq: _seq,
    ...more
  } = parseOutput(await workspace.run(['show', '--json', '--', id])) as { task: JsonTask; seq: 1 }
  return { ...task, ...more }
}

const scalarCell = (value: string | number | undefined): string => (value === undefined ? '' : String(value))
const jsonCell = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))
const listCell = (value: unknown): string => ((value ?? []) as ReadonlyArray<string>).join(' ')
const asFields = (value: unknown) => (value ?? {}) as Readonly<Record<string, string | number | undefined>>

test('a spreadsheet reads every cell of CSV unchanged, and none of them as a formula', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const csv = await runExport(workspace, 'csv')

  const sheet = readSheet(csv, false)
  const formulas = Object.entries(sheet).filter(([, cell]) => (cell as { readonly f?: string } | undefined)?.f)
  expect(formulas).toEqual([])

  const rows = readRows(csv)
  const tasks = await Promise.all((await listTasks(workspace)).map(({ id }) => showTask(workspace, id)))
  expect(rows.map(({ title }) => title)).toEqual(hostileTexts)
  rows.forEach((row, i) => {
    const task = asFields(tasks[i])
    const [claim, hold, backoff] = [asFields(task['claim']), asFields(task['hold']), asFields(task['backoff'])]
    expect(row).toEqual({
      ...Object.fromEntries(
        ['id', 'kind', 'status', 'title', 'attempts', 'max_attempts', 'priority', 'key', 'added_at'].map(name => [
          name,
          scalarCell(task[name]),
        ]),
      ),
      ...Object.fromEntries(
        ['not_before', 'retry_at', 'finished_at', 'finished_by', 'cancel_reason', 'error', 'lease_ms'].map(name => [
          name,
          scalarCell(task[name]),
        ]),
      ),
      ...Object.fromEntries(
        ['worker', 'token', 'attempt', 'claimed_at', 'lease_until'].map(name => [name, scalarCell(claim[name])]),
      ),
      progress: jsonCell(claim['progress']),
      ...Object.fromEntries(['needs', 'open_needs', 'dead_needs', 'tags'].map(name => [name, listCell(task[name])])),
      held_since: scalarCell(hold['since']),
      held_by: scalarCell(hold['by']),
      hold_reason: scalarCell(hold['reason']),
      backoff_first_ms: scalarCell(backoff['first_ms']),
      backoff_max_ms: scalarCell(backoff['max_ms']),
      payload: jsonCell(task['payload']),
      result: jsonCell(task['result']),
    })
  })
  expect(await runExport(workspace, 'csv')).toBe(csv)
})

test('CSV has the line ends of RFC 4180, quotes an empty text, and escapes a text that looks like a formula', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', '=a', '--title', ''])
  await workspace.runOk(['add', 'docs', 'b', '--title', "it's", '--payload', '-5', '--needs', '=a'])
  const [head = '', first = '', second = '', ...rest] = (await runExport(workspace, 'csv')).split('\r\n')
  expect(head).toMatch(/^id,kind,status,title,worker,/)
  expect(first).toMatch(/^'=a,docs,ready,"",,/)
  expect(second).toMatch(/^b,docs,blocked,it's,.*,'=a,'=a,.*,'-5,$/)
  expect(rest).toEqual([''])
})

test('JSON has every task with all fields that show has', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const { tasks, seq } = JSON.parse(await runExport(workspace, 'json')) as {
    tasks: ReadonlyArray<JsonTask>
    seq: number
  }
  expect(tasks).toEqual(await Promise.all(tasks.map(({ id }) => showTask(workspace, id))))
  expect(tasks.map(({ id }) => id)).toEqual(hostileTexts.map((_, i) => hostileId(i)))
  expect(seq).toBe(workspace.readEvents().length)
})

test('--kind, --status and --at select the tasks that are exported', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const end = workspace.readEvents().length
  await workspace.runOk(['cancel', hostileId(8)])
  const parseIds = (json: string): ReadonlyArray<string> =>
    (JSON.parse(json) as { readonly tasks: ReadonlyArray<JsonTask> }).tasks.map(({ id }) => id)
  for (const words of [
    ['--kind', '=x'],
    ['--status', 'blocked'],
    ['--at', '1'],
    ['--at', String(end)],
  ])
    expect(parseIds(await runExport(workspace, 'json', ...words))).toEqual(
      (await listTasks(workspace, ...words)).map(({ id }) => id),
    )
  expect(JSON.parse(await runExport(workspace, 'json', '--at', '1'))).toEqual({ tasks: [], seq: 1 })
})

test('a format with the history refuses the flags of a table, and an unknown format is refused with the list of formats', async () => {
  const workspace = await newWorkspace()
  expect(await workspace.run(['export', 'otlp', '--status', 'done'])).toEqual({
    status: 2,
    stdout: '',
    stderr:
      'claimlog: otlp exports the whole history (usage)\n' +
      '  omit --kind, --status and --at; csv, json, mermaid, dot accept them\n',
  })
  const unknown = await workspace.run(['export', 'xml'])
  expect(unknown).toMatchObject({ status: 2, stdout: '' })
  expect(unknown.stderr).toMatch(/Allowed choices are csv, json, mermaid, dot, otlp, chrome-trace, cloudevents, log/)
})
