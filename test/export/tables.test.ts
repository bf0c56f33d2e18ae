import { read, utils, type WorkSheet } from '@e965/xlsx'
import { expect, test } from 'vitest'
import { answer } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks, hostileTexts, idAt } from './hostile-tasks.ts'

type Row = Readonly<Record<string, string>>
type Task = Readonly<Record<string, unknown>> & { readonly id: string }

const exported = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout, stderr } = await workspace.run(['export', ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** The sheet that a spreadsheet program reads from CSV. `raw`: it treats every cell as text. */
const sheetOf = (csv: string, raw: boolean): WorkSheet => {
  const { SheetNames, Sheets } = read(csv, { type: 'string', raw, cellFormula: true })
  return Sheets[SheetNames[0] ?? ''] as WorkSheet
}

/** The cell without the apostrophe that the export adds in front of a formula. */
const unguarded = (cell: string): string => cell.replace(/^'/, '')

const rowsOf = (csv: string): ReadonlyArray<Row> =>
  utils
    .sheet_to_json<Row>(sheetOf(csv, true), { raw: true, defval: '' })
    .map(row => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, unguarded(String(cell))])))

const listed = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<ReadonlyArray<Task>> =>
  (answer(await workspace.run(['list', '--json', ...words])) as { readonly tasks: ReadonlyArray<Task> }).tasks

const shown = async (workspace: CliWorkspace, id: string): Promise<Record<string, unknown>> => {
  const {
    task,
    seq: _seq,
    ...more
  } = answer(await workspace.run(['show', '--json', '--', id])) as { task: Task; seq: 1 }
  return { ...task, ...more }
}

const cellOf = (value: string | number | undefined): string => (value === undefined ? '' : String(value))
const jsonCell = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value))
const listCell = (value: unknown): string => ((value ?? []) as ReadonlyArray<string>).join(' ')
const fieldsOf = (value: unknown) => (value ?? {}) as Readonly<Record<string, string | number | undefined>>

test('a spreadsheet reads every cell of CSV unchanged, and none of them as a formula', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const csv = await exported(workspace, 'csv')

  const sheet = sheetOf(csv, false)
  const formulas = Object.entries(sheet).filter(([, cell]) => (cell as { readonly f?: string } | undefined)?.f)
  expect(formulas).toEqual([])

  const rows = rowsOf(csv)
  const tasks = await Promise.all((await listed(workspace)).map(({ id }) => shown(workspace, id)))
  expect(rows.map(({ title }) => title)).toEqual(hostileTexts)
  rows.forEach((row, i) => {
    const task = fieldsOf(tasks[i])
    const [claim, hold, backoff] = [fieldsOf(task['claim']), fieldsOf(task['hold']), fieldsOf(task['backoff'])]
    expect(row).toEqual({
      ...Object.fromEntries(
        ['id', 'kind', 'status', 'title', 'attempts', 'max_attempts', 'priority', 'key', 'added_at'].map(name => [
          name,
          cellOf(task[name]),
        ]),
      ),
      ...Object.fromEntries(
        ['not_before', 'retry_at', 'finished_at', 'finished_by', 'cancel_reason', 'error', 'lease_ms'].map(name => [
          name,
          cellOf(task[name]),
        ]),
      ),
      ...Object.fromEntries(
        ['worker', 'token', 'attempt', 'claimed_at', 'lease_until'].map(name => [name, cellOf(claim[name])]),
      ),
      progress: jsonCell(claim['progress']),
      ...Object.fromEntries(['needs', 'open_needs', 'dead_needs', 'tags'].map(name => [name, listCell(task[name])])),
      held_since: cellOf(hold['since']),
      held_by: cellOf(hold['by']),
      hold_reason: cellOf(hold['reason']),
      backoff_first_ms: cellOf(backoff['first_ms']),
      backoff_max_ms: cellOf(backoff['max_ms']),
      payload: jsonCell(task['payload']),
      result: jsonCell(task['result']),
    })
  })
  expect(await exported(workspace, 'csv')).toBe(csv)
})

test('CSV has the line ends of RFC 4180, quotes an empty text, and escapes a text that looks like a formula', async () => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', '=a', '--title', ''])
  await workspace.done(['add', 'docs', 'b', '--title', "it's", '--payload', '-5', '--needs', '=a'])
  const [head = '', first = '', second = '', ...rest] = (await exported(workspace, 'csv')).split('\r\n')
  expect(head).toMatch(/^id,kind,status,title,worker,/)
  expect(first).toMatch(/^'=a,docs,ready,"",,/)
  expect(second).toMatch(/^b,docs,blocked,it's,.*,'=a,'=a,.*,'-5,$/)
  expect(rest).toEqual([''])
})

test('JSON has every task with all fields that show has', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const { tasks, seq } = JSON.parse(await exported(workspace, 'json')) as { tasks: ReadonlyArray<Task>; seq: number }
  expect(tasks).toEqual(await Promise.all(tasks.map(({ id }) => shown(workspace, id))))
  expect(tasks.map(({ id }) => id)).toEqual(hostileTexts.map((_, i) => idAt(i)))
  expect(seq).toBe(workspace.events().length)
})

test('--kind, --status and --at select the tasks that are exported', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const end = workspace.events().length
  await workspace.done(['cancel', idAt(8)])
  const idsIn = (json: string): ReadonlyArray<string> =>
    (JSON.parse(json) as { readonly tasks: ReadonlyArray<Task> }).tasks.map(({ id }) => id)
  for (const words of [
    ['--kind', '=x'],
    ['--status', 'blocked'],
    ['--at', '1'],
    ['--at', String(end)],
  ])
    expect(idsIn(await exported(workspace, 'json', ...words))).toEqual(
      (await listed(workspace, ...words)).map(({ id }) => id),
    )
  expect(JSON.parse(await exported(workspace, 'json', '--at', '1'))).toEqual({ tasks: [], seq: 1 })
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
