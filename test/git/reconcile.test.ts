import { copyFileSync, cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { runDoctorChecks } from '../support/doctor-checks.ts'
import { findCommands, git, newRepository, runShell } from '../support/git/git-repository.ts'

type JsonDocument = Readonly<Record<string, unknown>>

const runAll = async (workspace: CliWorkspace, ...commands: ReadonlyArray<ReadonlyArray<string>>): Promise<void> => {
  for (const words of commands) expect({ words, ...(await workspace.run(words)) }).toMatchObject({ words, status: 0 })
}

/** A workspace with tasks `one` to `four`, and a copy of it. */
const twoCopies = async (): Promise<readonly [here: CliWorkspace, there: CliWorkspace]> => {
  const here = await newWorkspace()
  for (const id of ['one', 'two', 'three', 'four']) await here.runOk(['add', 'docs', id])
  const there = cliWorkspace(temporaryDirectory())
  cpSync(here.dir, there.dir, { recursive: true })
  return [here, there]
}

const reconcile = async (
  here: CliWorkspace,
  there: CliWorkspace,
  ...more: ReadonlyArray<string>
): Promise<JsonDocument> => parseOutput(await here.run(['reconcile', there.dir, '--json', ...more]))

const showTask = async (workspace: CliWorkspace, id: string): Promise<JsonDocument> =>
  (await workspace.runOk(['show', id, '--json']))['task'] as JsonDocument

describe('another copy of a log that diverged', () => {
  test('is compared without a change, and reconcile applies its work once, under the names of its workers', async () => {
    const [here, there] = await twoCopies()
    await here.runOk(['claim', 'ann', '--task', 'one'])
    await there.runOk(['claim', 'bob', '--task', 'two'])
    await there.runOk(['complete', 'bob', 'two', '--result', '{"pages":12}'])
    await there.runOk(['add', 'docs', 'five', '--needs', 'two', '--title', 'The fifth'])
    const before = here.readText('events.jsonl')
    const plan = await reconcile(here, there)
    expect(plan).toMatchObject({
      ...{ reconciled: false, common_seq: 5, here: { seq: 6 }, there: { seq: 8 } },
      steps: [
        { seq: 8, task_id: 'five', action: 'add' },
        { seq: 7, task_id: 'two', action: 'complete', worker: 'bob' },
      ],
      tokens_given_twice: [
        { token: 6, here: { worker: 'ann', task_id: 'one' }, there: { worker: 'bob', task_id: 'two' } },
      ],
    })
    expect(here.readText('events.jsonl')).toBe(before)

    const done = await reconcile(here, there, '--yes')
    expect(done).toMatchObject({ reconciled: true, steps: plan['steps'] })
    expect(here.readText('events.jsonl').startsWith(before)).toBe(true)
    expect(await showTask(here, 'two')).toMatchObject({ status: 'done', result: { pages: 12 } })
    expect(await showTask(here, 'five')).toMatchObject({ status: 'ready', title: 'The fifth', needs: ['two'] })
    expect(here.readEvents().filter(({ event }) => event === 'completed')).toMatchObject([{ worker: 'bob' }])
    expect(await here.runOk(['verify', '--json'])).toMatchObject({ ok: true })

    const after = here.readText('events.jsonl')
    expect(await reconcile(here, there, '--yes')).toMatchObject({ steps: [] })
    expect(here.readText('events.jsonl')).toBe(after)
    // Events that came from there are recognised there.
    const theirsText = there.readText('events.jsonl')
    expect(await reconcile(there, here)).toMatchObject({ steps: [{ task_id: 'one', action: 'note' }] })
    expect(there.readText('events.jsonl')).toBe(theirsText)
  })

  test('does not take over a task that is claimed here, nor its first result, but notes its own result', async () => {
    const [here, there] = await twoCopies()
    await here.runOk(['claim', 'ann', '--task', 'one'])
    await here.runOk(['claim', 'ann', '--task', 'two'])
    await here.runOk(['complete', 'ann', 'two', '--result', '1'])
    for (const id of ['one', 'two', 'three']) {
      await there.runOk(['claim', 'bob', '--task', id])
      await there.runOk(['complete', 'bob', id, '--result', '2'])
    }
    await here.runOk(['hold', 'three', '--reason', 'legal'])
    expect(await reconcile(here, there, '--yes')).toMatchObject({
      steps: [
        { task_id: 'one', action: 'note', refused: { error: 'already_claimed' } },
        { task_id: 'two', action: 'note' },
        { task_id: 'three', action: 'note', refused: { error: 'task_held' } },
      ],
    })
    expect(await showTask(here, 'two')).toMatchObject({ result: 1 })
    const notes = here.readEvents().filter(({ event }) => event === 'noted')
    expect(notes.map(({ task_id: id, text }) => [id, /completed by bob .* result 2/.test(String(text))])).toEqual([
      ['one', true],
      ['two', true],
      ['three', true],
    ])
    await here.runOk(['complete', 'ann', 'one'])
  })

  test('has its rules of kinds listed, the last of each that does not apply here, and none is applied', async () => {
    const [here, there] = await twoCopies()
    // These commands warn that no task has some of the kinds.
    await runAll(here, ['pause', 'ci'], ['limit', 'same', '2'])
    await runAll(
      there,
      ['pause', 'docs', '--reason', 'a freeze', '--by', 'eve'],
      ['limit', 'docs', '5'],
      ['limit', 'docs', '3'],
      ['pause', 'other'],
      ['resume', 'other'],
      ['pause', 'ci'],
      ['resume', 'ci'],
      ['limit', 'same', '2'],
    )
    const unappliedRules = [
      { seq: 6, event: 'paused', kind: 'docs', reason: 'a freeze', by: 'eve' },
      { seq: 8, event: 'limited', kind: 'docs', limit: 3 },
      { seq: 12, event: 'resumed', kind: 'ci' },
    ]
    expect(await reconcile(here, there)).toMatchObject({ steps: [], rules_left_out: unappliedRules })
    const { stdout } = await here.run(['reconcile', there.dir, '--yes'])
    expect(here.readEvents().filter(({ event }) => ['paused', 'limited', 'resumed'].includes(event))).toHaveLength(2)
    const commands = findCommands(stdout)
    expect(commands).toEqual(["claimlog pause docs --reason 'a freeze'", 'claimlog limit docs 3', 'claimlog resume ci'])
    for (const command of commands) runShell(here.cwd, command)
    expect(await reconcile(here, there)).toMatchObject({ rules_left_out: [] })
  })

  test('completes under the claim that was granted before the copies diverged', async () => {
    const here = await newWorkspace()
    await here.runOk(['add', 'docs', 'one'])
    await here.runOk(['claim', 'bob', '--task', 'one'])
    const there = cliWorkspace(temporaryDirectory())
    cpSync(here.dir, there.dir, { recursive: true })
    await here.runOk(['add', 'docs', 'two'])
    await there.runOk(['complete', 'bob', 'one', '--result', '"x"'])
    expect(await reconcile(here, there, '--yes')).toMatchObject({ steps: [{ action: 'complete' }] })
    expect(here.readEvents().filter(({ event }) => event === 'claimed' || event === 'completed')).toMatchObject([
      { event: 'claimed', seq: 3 },
      { event: 'completed', worker: 'bob', token: 3, result: 'x' },
    ])
  })

  test('contributes failures, notes, holds and changes as notes, and new tasks in their current state', async () => {
    const [here, there] = await twoCopies()
    await here.runOk(['note', 'four', 'here'])
    await there.runOk(['claim', 'bob', '--task', 'one'])
    await there.runOk(['fail', 'bob', 'one', '--error', 'no network'])
    await there.runOk(['note', 'two', 'look at page 3', '--by', 'eve'])
    await there.runOk(['hold', 'three', '--reason', 'legal'])
    await there.runOk(['amend', 'four', '--priority', '0'])
    await there.runOk(['add', 'docs', 'b', '--title', 'B'])
    await there.runOk(['add', 'docs', 'a', '--needs', 'b'])
    await there.runOk(['amend', 'b', '--needs', 'four'])
    await there.runOk(['cancel', 'a', '--reason', 'old'])
    await there.runOk(['hold', 'b', '--reason', 'not yet'])
    await there.runOk(['claim', 'bob', '--task', 'two'])
    await reconcile(here, there, '--yes')
    const texts = here.readEvents().flatMap(({ event, task_id: id, text }) => (event === 'noted' ? [[id, text]] : []))
    expect(texts.slice(1)).toEqual([
      ['one', expect.stringContaining('failed by bob under token 6: no network')],
      ['two', expect.stringContaining('noted by eve: look at page 3')],
      ['three', expect.stringContaining('held: legal')],
      ['four', expect.stringContaining('amended: {"priority":0}')],
      ['two', expect.stringContaining('claimed by bob under token 16, may still be running')],
    ])
    expect(await showTask(here, 'a')).toMatchObject({ status: 'cancelled', needs: ['b'] })
    expect(await showTask(here, 'b')).toMatchObject({ status: 'blocked', title: 'B', needs: ['four'] })
    const after = here.readText('events.jsonl')
    expect(await reconcile(here, there, '--yes')).toMatchObject({ steps: [] })
    expect(here.readText('events.jsonl')).toBe(after)
    // The copy continues, and is reconciled again: only the new events are applied.
    await there.runOk(['complete', 'bob', 'two'])
    await there.runOk(['unhold', 'b'])
    expect(await reconcile(here, there, '--yes')).toMatchObject({
      steps: [
        { task_id: 'two', action: 'complete' },
        { task_id: 'b', action: 'note' },
      ],
    })
  })

  test('granted tokens that this log does not grant again', async () => {
    const [here, there] = await twoCopies()
    await here.runOk(['claim', 'ann', '--task', 'one'])
    for (const id of ['two', 'three', 'four']) await there.runOk(['claim', 'bob', '--task', id])
    const [lastTokenThere = 0] = there
      .readEvents()
      .map(({ seq }) => seq)
      .slice(-1)
    await reconcile(here, there, '--yes')
    const claimed = await here.runOk(['claim', 'eve'])
    expect((claimed['claim'] as { token: number }).token).toBeGreaterThan(lastTokenThere)
  })

  test('is appended line by line if this log is a prefix of it', async () => {
    const [here, there] = await twoCopies()
    await there.runOk(
      ['add', '-'],
      '{"kind":"docs","task_id":"five","payload":{"é":[1,2.5]}}\n{"kind":"docs","task_id":"six"}\n',
    )
    await there.runOk(['claim', 'bob', '--task', 'two'])
    expect(await reconcile(here, there)).toMatchObject({ appended: true, reconciled: false })
    expect(await reconcile(here, there, '--yes')).toMatchObject({ appended: true, reconciled: true, seq: 8 })
    expect(here.readText('events.jsonl')).toBe(there.readText('events.jsonl'))
    expect(await here.runOk(['complete', 'bob', 'two', '--token', '8'])).toMatchObject({ ok: true })
    expect(await reconcile(here, there)).toMatchObject({ there: { events: [] }, steps: [] })
  })

  test('must be a copy of this log, and not this log itself', async () => {
    const [here] = await twoCopies()
    const other = await newWorkspace()
    const before = here.readText('events.jsonl')
    for (const [file, text] of [
      [other.dir, 'another workspace'],
      [here.dir, 'itself'],
      [join(here.cwd, 'none'), 'does not exist'],
    ] as const) {
      const result = await here.run(['reconcile', file, '--yes', '--json'])
      expect({ file, status: result.status, ...parseOutput(result) }).toMatchObject({ file, status: 2, ok: false })
      expect(parseOutput(result)['message']).toContain(text)
      expect(parseOutput(result)['hint']).not.toContain('init')
    }
    expect(here.readText('events.jsonl')).toBe(before)
  })
})

test.each(['1', '2'])(
  'two branches with a tracked log are reconciled by the printed commands, starting with side %s',
  async keep => {
    const root = newRepository()
    const workspace = cliWorkspace(root)
    await runAll(workspace, ['init'], ...['t1', 't2', 't3'].map(id => ['add', 'docs', id]))
    git(root, 'add', '-A', '-f')
    git(root, 'commit', '-q', '-m', 'start')
    git(root, 'checkout', '-q', '-b', 'feature')
    await runAll(workspace, ['claim', 'bob', '--task', 't2'], ['complete', 'bob', 't2', '--result', '{"by":"bob"}'])
    await runAll(workspace, ['add', 'docs', 't4'], ['claim', 'bob', '--task', 't4'], ['complete', 'bob', 't4'])
    git(root, 'commit', '-q', '-a', '-m', 'feature')
    git(root, 'checkout', '-q', 'main')
    await runAll(workspace, ['claim', 'ann', '--task', 't1'], ['complete', 'ann', 't1', '--result', '"ann"'])
    git(root, 'commit', '-q', '-a', '-m', 'main')
    expect(() => git(root, 'merge', 'feature')).toThrow()

    const refused = await workspace.run(['claim', 'eve', '--json'])
    expect(parseOutput(refused)['hint']).toContain('claimlog repair')
    const printed: Array<string> = [runShell(root, 'claimlog repair')]
    const choice = findCommands(printed[0] as string).find(command => command.includes(`--keep ${keep} `))
    printed.push(runShell(root, choice as string))
    // Each step prints the next one.
    for (
      let next = findCommands(printed.at(-1) as string);
      next.length > 0;
      next = findCommands(printed.at(-1) as string)
    ) {
      expect(next).toHaveLength(1)
      printed.push(runShell(root, next[0] as string))
    }
    expect(printed.at(-1)).toContain('ends at seq')

    const claimed = await workspace.run(['claim', 'eve', '--task', 't3'])
    expect(claimed.status).toBe(0)
    for (const command of findCommands(claimed.stderr)) runShell(root, command)
    git(root, 'add', '-A')
    git(root, 'commit', '-q', '-m', 'the queue is not tracked')
    expect(git(root, 'ls-files')).not.toContain('events')

    for (const [id, task] of [
      ['t1', { status: 'done', result: 'ann' }],
      ['t2', { status: 'done', result: { by: 'bob' } }],
      ['t4', { status: 'done' }],
    ] as const)
      expect(await showTask(workspace, id)).toMatchObject(task)
    const { ok, checks } = await runDoctorChecks(workspace)
    expect({ ok, git: checks['git'] }).toMatchObject({ ok: true, git: { state: 'ok' } })
    const tokens = workspace.readEvents().flatMap(({ event, seq }) => (event === 'claimed' ? [seq] : []))
    expect(new Set(tokens).size).toBe(tokens.length)
    expect(await workspace.runOk(['verify', '--json'])).toMatchObject({ ok: true })
  },
)

test('a log that was restored from a backup is compared with the newer log', async () => {
  const here = await newWorkspace()
  await here.runOk(['add', 'docs', 'one'])
  copyFileSync(join(here.dir, 'events.jsonl'), join(here.cwd, 'backup'))
  await here.runOk(['claim', 'ann'])
  await here.runOk(['complete', 'ann', 'one', '--result', '"ann"'])
  copyFileSync(join(here.dir, 'events.jsonl'), join(here.cwd, 'newer'))
  copyFileSync(join(here.cwd, 'backup'), join(here.dir, 'events.jsonl'))
  await here.run(['claim', 'eve'])
  const done = parseOutput(await here.run(['reconcile', join(here.cwd, 'newer'), '--yes', '--json']))
  expect(done).toMatchObject({
    steps: [{ task_id: 'one', action: 'note', refused: { error: 'already_claimed' } }],
    tokens_given_twice: [{ token: 3, here: { worker: 'eve' }, there: { worker: 'ann' } }],
  })
  expect(readFileSync(join(here.cwd, 'newer'), 'utf8')).toContain('"worker":"ann"')
})
