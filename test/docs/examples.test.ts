import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { copyExample, type ExampleCopy } from './example-copy.ts'

/** The number of events of a type in the log, per task. */
const countPerTask = ({ workspace }: ExampleCopy, event: string): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const line of workspace.readEvents())
    if (line.event === event) counts[String(line['task_id'])] = (counts[String(line['task_id'])] ?? 0) + 1
  return counts
}

const oneEach = (...ids: ReadonlyArray<string>): Readonly<Record<string, number>> =>
  Object.fromEntries(ids.map(id => [id, 1]))

describe('a pipeline in the shell', () => {
  test('publishes the pages that passed the check, with the number of words that the check counted', async () => {
    const example = copyExample('pipeline')
    const { status, stdout } = await example.runShell('./run.sh')
    expect(status).toBe(0)
    expect(readdirSync(join(example.dir, 'site'))).toEqual(['apples.txt', 'pears.txt'])
    expect(example.text('site/pears.txt')).toBe('Pears\n\nPears ripen from the inside out.\n\n(7 words)\n')
    expect(stdout).toMatch(/^check-plums +check +failed .*exit 1: TODO: say how plums are dried\.$/m)
    expect(stdout).toMatch(/^publish-plums +publish +blocked .*check-plums failed or cancelled$/m)
    const pages = ['apples', 'pears', 'plums']
    expect(countPerTask(example, 'claimed')).toEqual(
      oneEach(...pages.flatMap(page => [`fetch-${page}`, `check-${page}`]), ...['publish-apples', 'publish-pears']),
    )

    // The README of the example continues like this.
    writeFileSync(join(example.dir, 'pages/plums.txt'), 'Plums are dried in the sun.\n')
    const retried = await example.runShell('claimlog retry fetch-plums && claimlog retry check-plums && ./run.sh')
    expect(retried.status).toBe(0)
    expect(example.text('site/plums.txt')).toBe('Plums are dried in the sun.\n\n(6 words)\n')
  })
})

describe('workers in Node', () => {
  test('count the texts, retry the one that arrived late, and finish their tasks before they end', async () => {
    const example = copyExample('node-workers')
    await example.workspace.runOk(['init'])
    const workers = ['ann', 'bob'].map(name => example.start(process.execPath, ['worker.mjs', name]))
    // After that, both handle SIGTERM.
    await Promise.all(workers.map(worker => worker.waitUntilWatching()))
    const producer = await example.runShell('node producer.mjs')
    expect(producer).toEqual({
      status: 0,
      stdout: 'count-short done {"words":10}\ncount-long done {"words":36}\ncount-late done {"words":3}\n',
      stderr: '',
    })
    const [lateFailure] = example.workspace.readEvents().filter(({ event }) => event === 'failed')
    expect(lateFailure).toMatchObject({ task_id: 'count-late', error: expect.stringContaining('ENOENT') as unknown })
    const progress = example.workspace.readEvents().filter(({ event }) => event === 'renewed')
    expect(progress.filter(each => each['task_id'] === 'count-long').map(each => each['progress'])).toEqual(
      [1, 2, 3, 4, 5, 6].map(done => ({ done, of: 6 })),
    )

    // Stop the workers in the middle of a task.
    const countClaims = () => example.workspace.readEvents().filter(({ event }) => event === 'claimed').length
    const before = countClaims()
    await example.workspace.runOk(['add', 'count', 'again', '--payload', '{"file": "texts/long.txt"}'])
    await vi.waitUntil(() => countClaims() > before, { timeout: 60_000 })
    for (const worker of workers) worker.kill('SIGTERM')
    const ended = await Promise.all(workers.map(worker => worker.ended))
    expect(ended.map(({ status, stderr }) => ({ status, stderr }))).toEqual([
      { status: 0, stderr: '' },
      { status: 0, stderr: '' },
    ])
    const totals = ended.map(({ stdout }) => /ended, (\d) completed, (\d) failed/.exec(stdout)?.slice(1).map(Number))
    expect([0, 1].map(i => (totals[0]?.[i] ?? NaN) + (totals[1]?.[i] ?? NaN))).toEqual([
      4,
      example.workspace.readEvents().filter(({ event }) => event === 'failed').length,
    ])
    expect(countPerTask(example, 'completed')).toEqual(oneEach('count-short', 'count-long', 'count-late', 'again'))
  })
})

describe('a fleet of agents on one repository', () => {
  const changes = readdirSync(fileURLToPath(new URL('../../examples/agent-fleet/changes', import.meta.url)))
  const ids = changes.map(file => file.replace(/\.txt$/, '')).sort()

  test('makes every change once, and all commits are on main', async () => {
    const example = copyExample('agent-fleet')
    const { status, stdout } = await example.runShell('./set-up.sh && ./run.sh')
    expect(status).toBe(0)
    const subjects = stdout.split('\n').flatMap(line => /^[0-9a-f]{7,} (.*)$/.exec(line)?.[1] ?? [])
    expect(subjects.sort()).toEqual([
      ...changes.map(file => example.text(`changes/${file}`).trim()),
      'an empty project',
    ])
    expect(countPerTask(example, 'completed')).toEqual(oneEach(...ids))
    const read = async (file: string) =>
      (await example.runShell(`git --git-dir=project.git show main:${file}`)).stdout.split('\n').sort()
    expect(await read('people.md')).toEqual(['', '- Ann', '- Bob', '- Cy'])
    expect(await read('drinks.md')).toEqual(['', '- tea', '- water'])

    const commits = (await example.runShell('git --git-dir=project.git log --format=%H main')).stdout.trim().split('\n')
    const results = example.workspace.readEvents().flatMap(line => (line.event === 'completed' ? [line['result']] : []))
    expect([...results].sort()).toEqual(commits.slice(0, -1).sort())
  })

  test('retries a change that conflicts, and does not repeat one that is on main already', async () => {
    const example = copyExample('agent-fleet')
    await example.runShell('./set-up.sh')
    // During the agent's first attempt, another process pushes a change of the same line to main.
    writeFileSync(
      join(example.dir, 'overtaken-agent'),
      `#!/bin/sh
set -eu
if [ "$CLAIMLOG_ATTEMPT" = 1 ]; then
  git worktree add --quiet --detach ../other main
  (cd ../other && ../../fake-agent 'Append "- Dee" to people.md' && git push --quiet . HEAD:main)
fi
exec ../../fake-agent "$1"
`,
      { mode: 0o755 },
    )
    const work = 'claimlog work agent-1 --max-tasks 2 -- ./in-worktree.sh {id}'
    await example.runShell(`claimlog cancel ${ids.slice(1).join(' ; claimlog cancel ')}`)
    const [id = ''] = ids
    expect((await example.runShell(`AGENT="$PWD/overtaken-agent" ${work}`)).status).toBe(0)
    const attempts = example.workspace.readEvents().filter(line => ['failed', 'completed'].includes(line.event))
    expect(attempts).toMatchObject([
      { event: 'failed', task_id: id, error: `exit 1: ${id} conflicts with a change on main` },
      { event: 'completed', task_id: id },
    ])
    const readSubjects = async () => (await example.runShell('git --git-dir=project.git log --format=%s main')).stdout
    const subjects = await readSubjects()
    expect(subjects).toBe(`${example.text(`changes/${id}.txt`)}Append "- Dee" to people.md\nan empty project\n`)

    await example.runShell(`claimlog retry ${id} && claimlog work agent-2 --once -- ./in-worktree.sh {id}`)
    expect(countPerTask(example, 'completed')).toEqual({ [id]: 2 })
    expect(await readSubjects()).toBe(subjects)
  })
})

describe('a CI matrix', () => {
  /** The commands of a job in the workflow. */
  const readCommands = (example: ExampleCopy, job: string): string => {
    const [, body = ''] = new RegExp(`^  ${job}:\n((?: {4}.*\n|\n)*)`, 'm').exec(example.text('workflow.yml')) ?? []
    return [...body.matchAll(/- run: (.*)/g)].map(([, command]) => command).join('\n')
  }
  const runJobs = async (example: ExampleCopy) => {
    const settings = { SHARDS: '7', CLAIMLOG_DIR: join(example.dir, '.claimlog') }
    const plans = [await example.runShell(readCommands(example, 'plan'), settings)]
    plans.push(await example.runShell(readCommands(example, 'plan'), settings))
    const shards = await Promise.all(
      ['1', '2', '3'].map(RUNNER => example.runShell(readCommands(example, 'shards'), { ...settings, RUNNER })),
    )
    return { plans, shards, verdict: await example.runShell(readCommands(example, 'verdict'), settings) }
  }
  const shardIds = [1, 2, 3, 4, 5, 6, 7].map(i => `shard-${i}`)

  test('runs each shard once, no matter which job claims it', async () => {
    const example = copyExample('ci-matrix')
    const { plans, shards, verdict } = await runJobs(example)
    expect([...plans, ...shards, verdict].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0])
    expect(countPerTask(example, 'added')).toEqual(oneEach(...shardIds))
    // Shows why a shard was claimed again, if one was.
    expect(example.workspace.readEvents().filter(({ event }) => event === 'failed' || event === 'released')).toEqual([])
    expect(countPerTask(example, 'claimed')).toEqual(oneEach(...shardIds))
    const tests = readdirSync(join(example.dir, 'tests'))
    const run = shards.flatMap(({ stdout }) => [...stdout.matchAll(/^tests\/(.*)$/gm)].map(([, name]) => name))
    expect(run.sort()).toEqual(tests.sort())
  })

  test('fails in the verdict if a shard has failed twice', async () => {
    const example = copyExample('ci-matrix')
    writeFileSync(join(example.dir, 'tests/list.sh'), 'echo "listing is broken" >&2\nexit 1\n')
    const { shards, verdict } = await runJobs(example)
    expect(shards.map(({ status }) => status).sort()).toEqual([0, 0, 9])
    expect(verdict.status).toBe(9)
    expect(JSON.parse(verdict.stdout)).toMatchObject({ error: 'task_failed', task_id: 'shard-3' })
    expect(countPerTask(example, 'claimed')).toEqual({ ...oneEach(...shardIds), 'shard-3': 2 })
  })
})

describe('tasks from cron', () => {
  test('are added once and done once, no matter how often cron fires', async () => {
    const example = copyExample('cron')
    await example.workspace.runOk(['init'])
    // With a given day, because midnight may pass meanwhile.
    const runForDay = (script: string, day: string) => example.runShell(`./${script}`, { DAY: day })
    const days = ['2025-01-31', '2025-01-31', '2025-01-31', '2025-02-01']
    const added = await Promise.all(days.map(day => runForDay('add-nightly.sh', day)))
    const drained = await Promise.all(['', ''].map(() => runForDay('drain.sh', '')))
    expect([...added, ...drained].map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0])
    expect(added.map(({ stderr }) => stderr).join('')).toBe('')
    expect(drained.map(({ stderr }) => stderr.match(/completed/g)?.length ?? 0).reduce((a, b) => a + b)).toBe(4)

    const [first, second] = ['2025-01-31', '2025-02-01']
    const all = [first, second].flatMap(day => [`backup-${day}`, `report-${day}`])
    expect(countPerTask(example, 'added')).toEqual(oneEach(...all))
    expect(countPerTask(example, 'completed')).toEqual(oneEach(...all))
    expect(readdirSync(join(example.dir, 'backups')).sort()).toEqual(
      [first, second].flatMap(day => [`backup-${day}.tar`, `report-${day}.txt`]).sort(),
    )
    expect(example.text(`backups/report-${second}.txt`)).toBe('data/\ndata/notes.txt\n')
  })

  test('have a crontab whose lines name scripts that exist', () => {
    const example = copyExample('cron')
    const scripts = [...example.text('crontab').matchAll(/^[0-9*/ ]+ cd "\$SITE" && \.\/(.*)$/gm)].map(
      ([, name]) => name,
    )
    expect(scripts).toEqual(['add-nightly.sh', 'add-nightly.sh', 'drain.sh'])
    expect(readdirSync(example.dir)).toEqual(expect.arrayContaining(scripts))
  })
})

test('every example is listed, and explains how to run it', () => {
  const examples = fileURLToPath(new URL('../../examples', import.meta.url))
  const folders = readdirSync(examples, { withFileTypes: true }).flatMap(each =>
    each.isDirectory() ? [each.name] : [],
  )
  const list = copyExample('.').text('README.md')
  expect([...list.matchAll(/^\| \[(.*?)\]\(\1\) \|/gm)].map(([, name]) => name).sort()).toEqual(folders.sort())
  for (const folder of folders) expect(copyExample(folder).text('README.md')).toContain('```sh\n')
})
