import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks, hostileTexts } from './hostile-tasks.ts'
import { readOpenMetrics, type OpenMetricsFamily } from './openmetrics-text.ts'

const readMetrics = async (workspace: CliWorkspace): Promise<ReadonlyArray<OpenMetricsFamily>> => {
  const { status, stdout, stderr } = await workspace.run(['metrics'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return readOpenMetrics(stdout)
}

/** The values of a metric per combination of labels, without zeros. */
const nonZeroValues = (families: ReadonlyArray<OpenMetricsFamily>, name: string): Record<string, number> =>
  Object.fromEntries(
    families
      .flatMap(({ samples }) => samples)
      .filter(sample => sample.name === name && sample.value !== 0)
      .map(({ labels, value }) => [Object.values(labels).join(' '), value]),
  )

test('the metrics count events, and show the current state', async () => {
  const workspace = await newWorkspace()
  const runOk = (words: string) => workspace.runOk(words.split(' '))
  for (const words of ['add docs a', 'add docs b --needs a', 'add ci c', 'add ci d --max-attempts 1', 'add ci e'])
    await runOk(words)
  for (const words of ['claim ann docs', 'complete ann a', 'claim ann docs', 'fail ann b --error no --retry-in 0'])
    await runOk(words)
  for (const words of ['claim bob --task d --lease 1ms', 'claim bob --task c --lease 1ms', 'claim cy --task c'])
    await runOk(words)
  for (const words of ['cancel e', 'retry a', 'claim ann docs --lease none', 'hold b']) await runOk(words)

  const families = await readMetrics(workspace)
  const valuesByLabels = (name: string) => nonZeroValues(families, name)
  expect(valuesByLabels('claimlog_events_total')).toEqual({
    ...{ opened: 1, added: 5, claimed: 6, completed: 1, failed: 2, cancelled: 1, retried: 1, held: 1 },
  })
  expect(valuesByLabels('claimlog_tasks_added_total')).toEqual({ docs: 2, ci: 3 })
  expect(valuesByLabels('claimlog_tasks_finished_total')).toEqual({ 'docs done': 1, 'ci cancelled': 1, 'ci failed': 1 })
  expect(valuesByLabels('claimlog_claims_total')).toEqual({ docs: 3, ci: 3 })
  expect(valuesByLabels('claimlog_claims_lapsed_total')).toEqual({ ci: 2 })
  expect(valuesByLabels('claimlog_attempts_failed_total')).toEqual({ docs: 1 })
  expect(valuesByLabels('claimlog_tasks')).toEqual({
    ...{ 'docs claimed': 1, 'docs blocked': 1, 'ci claimed': 1, 'ci failed': 1, 'ci cancelled': 1 },
  })
  expect(valuesByLabels('claimlog_live_claims')).toEqual({ docs: 1, ci: 1 })
  expect(valuesByLabels('claimlog_oldest_ready_task_age_seconds')).toEqual({})
  expect(valuesByLabels('claimlog_task_waiting_seconds_count')).toEqual({ docs: 1, ci: 2 })
  expect(valuesByLabels('claimlog_task_running_seconds_count')).toEqual({ docs: 1, ci: 2 })
  expect(valuesByLabels('claimlog_log_seq')).toEqual({ '': workspace.readEvents().length })
  expect(valuesByLabels('claimlog_log_bytes')).toEqual({ '': statSync(join(workspace.dir, 'events.jsonl')).size })

  // The times are those that trace shows for each task.
  const tracedTask = parseOutput(await workspace.run(['trace', 'd', '--json']))
  const [waitedMs, ranMs] = [
    Number(tracedTask['waited_ms']) + Number(tracedTask['retrying_ms']),
    Number(tracedTask['ran_ms']),
  ]
  const e = parseOutput(await workspace.run(['trace', 'e', '--json']))
  expect(valuesByLabels('claimlog_task_waiting_seconds_sum')['ci']).toBe((waitedMs + Number(e['waited_ms'])) / 1000)
  expect(valuesByLabels('claimlog_task_running_seconds_sum')['ci']).toBe(ranMs / 1000)
})

test('the age of the oldest ready task is the time since it was added', async () => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 'a'])
  await workspace.runOk(['add', 'ci', 'later', '--in', '1h'])
  const metrics = parseOutput(await workspace.run(['metrics', '--json']))
  const added = workspace.readEvents()[1]?.time ?? ''
  const families = metrics['families'] as ReadonlyArray<OpenMetricsFamily>
  expect(nonZeroValues(families, 'claimlog_tasks')).toEqual({ 'docs ready': 1, 'ci waiting': 1 })
  expect(nonZeroValues(families, 'claimlog_oldest_ready_task_age_seconds')).toEqual({
    docs: (Date.parse(String(metrics['time'])) - Date.parse(added)) / 1000,
  })
})

test('kinds of any name are labels unchanged, and no label names a task or a worker', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const families = await readMetrics(workspace)
  const added = nonZeroValues(families, 'claimlog_tasks_added_total')
  expect(Object.keys(added).sort()).toEqual(['=x', '__proto__', 'c"i\\', 'docs'].sort())
  expect(Object.values(added).reduce((sum, each) => sum + each, 0)).toBe(hostileTexts.length)
  const labels = new Set(families.flatMap(({ samples }) => samples.flatMap(sample => Object.keys(sample.labels))))
  expect([...labels].sort()).toEqual(['event', 'kind', 'le', 'status'])
})

test('programs get the same families as JSON', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const { families } = parseOutput(await workspace.run(['metrics', '--json'])) as {
    families: ReadonlyArray<OpenMetricsFamily>
  }
  const withoutAge = (all: ReadonlyArray<OpenMetricsFamily>) => all.filter(({ name }) => !name.includes('_age_'))
  expect(withoutAge(families)).toEqual(withoutAge(await readMetrics(workspace)))
})
