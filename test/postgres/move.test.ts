import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import {
  claimlog,
  claimlogPath,
  parseOutput,
  type ProcessResult,
  run,
  temporaryDirectory,
} from '../support/claimlog-process.ts'
import { selectCases } from '../support/machine/select-cases.ts'

const toProgramPath = (name: string): string => new URL(`../programs/${name}`, import.meta.url).pathname

/** A directory with a workspace in a file, in which commands run, and the URL of a free place on the server. */
const createFileQueue = async ({ host, port, user, password }: Cluster) => {
  const cwd = temporaryDirectory()
  const env = { PGPASSWORD: password, HOME: temporaryDirectory() }
  const runClaimlog = (args: ReadonlyArray<string>, extra = {}): Promise<ProcessResult> =>
    claimlog(args, { cwd, env: { ...env, ...extra } })
  const runOk = async (...args: ReadonlyArray<string>): Promise<Record<string, unknown>> => {
    const result = await runClaimlog(args)
    expect({ args, ...result }).toMatchObject({ status: 0 })
    return parseOutput(result)
  }
  const dir = join(cwd, '.claimlog')
  const readLog = (name = 'events.jsonl'): string => readFileSync(join(dir, name), 'utf8')
  const createUrl = (): string => `postgres://${user}@${host}:${port}/postgres?workspace=w-${randomUUID()}`
  await runOk('init')
  return { cwd, env, dir, runClaimlog, runOk, readLog, createUrl }
}

describeEachServer('claimlog move', getCluster => {
  it('moves a log to a server and back, byte for byte, with its claims and tokens', async () => {
    const { dir, runOk, runClaimlog, readLog, createUrl } = await createFileQueue(getCluster())
    const url = createUrl()
    await runOk('add', 'docs', 'a', '--payload', '"größer 🙂"')
    await runOk('add', 'docs', 'b')
    const { claim } = await runOk('claim', 'ann', 'docs')
    const before = readLog()

    const there = await runOk('move', url, '--json', '--by', 'eve')
    expect(there).toEqual({ ok: true, from: dir, to: url, seq: 5, changed: true })
    const left = readLog()
    expect(left.startsWith(before)).toBe(true)
    expect(left.slice(before.length)).toContain('"event":"moved"')
    expect(JSON.parse(readLog('config.json'))).toEqual({ log: url })
    expect((await runClaimlog(['tail'])).stdout).toBe(left)
    expect(await runOk('move', url, '--json')).toMatchObject({ changed: false, seq: 5 })
    expect(await runOk('complete', 'ann', 'a')).toMatchObject({ ok: true, seq: 6 })
    expect(await runOk('claim', 'bob', 'docs')).toMatchObject({ task: { id: 'b' }, claim: { token: 7 } })
    expect(claim).toMatchObject({ token: 4 })

    const back = await runOk('move', '.claimlog', '--json')
    expect(back).toEqual({ ok: true, from: url, to: dir, seq: 8, changed: true })
    const returned = readLog()
    expect(returned.startsWith(left)).toBe(true)
    expect((await runClaimlog(['tail', '--log', url])).stdout).toBe(returned)
    expect(existsSync(join(dir, 'config.json'))).toBe(false)
    expect(await runOk('move', '.claimlog', '--json')).toMatchObject({ changed: false, seq: 8 })
    expect(await runOk('complete', 'bob', 'b')).toMatchObject({ ok: true, seq: 9 })
    expect(await runOk('verify', '--json')).toMatchObject({ ok: true, seq: 9 })
    const refused = await runClaimlog(['add', 'docs', '--log', url])
    expect(refused.status).toBe(6)
    expect(parseOutput(refused)).toMatchObject({ error: 'workspace_moved', target: dir })

    // A second time to the same server, where the lines of the first time still are, and on to another workspace there.
    expect(await runOk('move', url, '--json')).toMatchObject({ changed: true, seq: 10 })
    expect((await runClaimlog(['tail'])).stdout).toBe(readLog())
    const otherUrl = createUrl()
    expect(await runOk('move', otherUrl, '--json')).toMatchObject({ from: url, to: otherUrl, changed: true, seq: 11 })
    expect(JSON.parse(readLog('config.json'))).toEqual({ log: otherUrl })
    expect(await runOk('verify', '--json')).toMatchObject({ ok: true, seq: 11 })
  })

  it('refuses a place that is in use or has another history, and changes nothing', async () => {
    const { cwd, runOk, runClaimlog, readLog, createUrl } = await createFileQueue(getCluster())
    const [url, otherUrl] = [createUrl(), createUrl()]
    const refusal = async (...args: ReadonlyArray<string>) => {
      const result = await runClaimlog([...args, '--json'])
      const { error, message } = parseOutput(result)
      return `${result.status} ${String(error)}: ${String(message).replaceAll(cwd, '')}`
    }
    await runOk('init', join(cwd, 'other'))
    await runOk('init', join(cwd, 'third', '.claimlog'), '--log', url)
    const before = readLog()
    expect(await refusal('move', url)).toBe(`2 bad_input: there is a workspace at ${url} already`)
    expect(await refusal('move', 'other')).toContain('2 bad_input: a log in a file moves')
    expect(await refusal('move', 'free')).toContain('2 bad_input: a log in a file moves to another directory')
    expect(existsSync(join(cwd, 'free'))).toBe(false)
    expect(await refusal('move', 'mysql://db/queue')).toContain('2 bad_input')
    expect(readLog()).toBe(before)

    // The lines that another queue has left there are not the first ones of this log.
    await runOk('move', join(cwd, 'back'), '--log', url, '--json')
    expect(await refusal('move', url)).toBe(`2 bad_input: the log at ${url} is not an earlier part of this one`)
    expect(readLog()).toBe(before)
    await runOk('move', otherUrl, '--json')
    expect(await refusal('move', 'back', '--log', otherUrl)).toContain(
      '2 bad_input: there is a workspace at back already',
    )
  })

  it('leaves a log that still shows its past, and refuses orders and waiting with the new place', async () => {
    const { cwd, dir, runOk, runClaimlog, createUrl } = await createFileQueue(getCluster())
    const url = createUrl()
    await runOk('add', 'docs', 'a')
    await runOk('move', url, '--json')
    // By this name, the config.json in it is not considered.
    const left = join(cwd, 'left')
    symlinkSync(dir, left)
    const runThere = (...args: ReadonlyArray<string>) => runClaimlog(['--dir', left, ...args])
    const listed = await runThere('list')
    expect(listed).toMatchObject({ status: 0, stdout: expect.stringContaining('a     docs  ready') as unknown })
    expect(listed.stderr).toContain(`this log was moved to ${url}: use --log '${url}'`)
    const moved = { error: 'workspace_moved', target: url }
    for (const args of [
      ['claim', 'ann', 'docs'],
      ['wait', 'a'],
      ['add', 'docs'],
      ['claim', 'ann', 'docs', '--wait'],
    ]) {
      const result = await runThere(...args)
      expect({ args, status: result.status, ...parseOutput(result) }).toMatchObject({ args, status: 6, ...moved })
    }
    const worker = await runThere('work', 'ann', 'docs', '--', 'true')
    expect(worker).toMatchObject({ status: 6, stderr: expect.stringContaining('(workspace_moved)') as unknown })
    const diagnosis = await runThere('doctor')
    expect(diagnosis.stdout).toContain(url)
    expect(await runThere('verify', '--json')).toMatchObject({ status: 0 })
  })

  it('keeps every answer of four workers that keep working while the log is moved there and back', async () => {
    const { cwd, env, runOk, createUrl } = await createFileQueue(getCluster())
    const tasks = Array.from({ length: 40 }, (_, i) => `t-${i}`)
    writeFileSync(join(cwd, 'tasks'), tasks.map(id => `{"kind":"docs","task_id":"${id}"}\n`).join(''))
    await runOk('import', 'tasks')
    const workers = ['w1', 'w2', 'w3', 'w4'].map(name =>
      run('sh', [toProgramPath('work-until-done.sh'), name, process.execPath, claimlogPath], { cwd, env }),
    )
    // What it runs at that moment is claimed again once its lease has expired.
    const longRunning = claimlog(['work', 'w5', 'docs', '--lease', '2s', '--quiet', '--', 'true'], { cwd, env })
    const countDone = async (): Promise<number> => {
      const { tasks: listed } = await runOk('list', '--json', '--status', 'done')
      return (listed as ReadonlyArray<unknown>).length
    }
    const waitForDone = async (count: number): Promise<void> => {
      while ((await countDone()) < count) continue
    }
    const url = createUrl()
    await waitForDone(5)
    await runOk('move', url, '--json')
    await waitForDone(20)
    await runOk('move', '.claimlog', '--json')
    await waitForDone(tasks.length)
    writeFileSync(join(cwd, 'all-done'), '')
    const results = await Promise.all(workers)
    expect(results.map(({ status, stdout }) => ({ status, stdout }))).toEqual(
      workers.map(() => ({ status: 0, stdout: '' })),
    )
    expect(await longRunning).toMatchObject({
      status: 6,
      stderr: expect.stringContaining('(workspace_moved)') as unknown,
    })
    const events = readFileSync(join(cwd, '.claimlog/events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { readonly event: string; readonly task_id: string })
    const completed = events.filter(({ event }) => event === 'completed').map(({ task_id: id }) => id)
    expect([...completed].sort()).toEqual([...tasks].sort())
    expect(await runOk('verify', '--json')).toMatchObject({ seq: events.length })
  })

  it('can be killed at any step, and run again', async () => {
    const queue = await createFileQueue(getCluster())
    const { cwd, dir, runOk, runClaimlog, readLog } = queue
    // By this name, the config.json in it is not considered.
    const fileDir = join(cwd, 'file')
    symlinkSync(dir, fileDir)
    const stepsPath = join(cwd, 'steps')
    const dieAtStep = (step: number, target: string): Promise<ProcessResult> =>
      runClaimlog(['move', target, '--json'], {
        DIE_AT_STEP: String(step),
        NODE_OPTIONS: `--require ${toProgramPath('die-at-a-step.cjs')}`,
      })
    /** The number of steps of an undisturbed move. */
    const countSteps = async (target: string): Promise<number> => {
      expect((await dieAtStep(Infinity, target)).status).toBe(0)
      return Number(readFileSync(stepsPath, 'utf8'))
    }
    /** Adds a task through each of the two places; returns how many of them have accepted it. */
    const addEverywhere = async (url: string): Promise<number> => {
      const results = await Promise.all(
        [['--log', url], ['--dir', fileDir], []].map(flags => runClaimlog(['add', 'docs', ...flags])),
      )
      return results.slice(0, 2).filter(({ status }) => status === 0).length
    }
    for (const id of ['a', 'b', 'c']) await runOk('add', 'docs', id)
    let url = queue.createUrl()
    const thereSteps = await countSteps(url)
    const backSteps = await countSteps('.claimlog')
    const cases = Array.from({ length: Math.max(thereSteps, backSteps) }, (_, i) => i + 1)
    for (const step of selectCases(cases, 24)) {
      url = queue.createUrl()
      for (const target of [url, '.claimlog']) {
        const history = (await runClaimlog(['tail'])).stdout
        const killed = await dieAtStep(step, target)
        expect(await addEverywhere(url), `after step ${step} to ${target}`).toBeLessThanOrEqual(1)
        const moved = await runClaimlog(['move', target, '--json'])
        expect({ step, target, killed: killed.status, ...moved }).toMatchObject({ status: 0 })
        const lines = (await runClaimlog(['tail'])).stdout
        expect(lines.startsWith(history)).toBe(true)
        expect(lines.slice(history.length).match(/"event":"moved"/g)).toHaveLength(1)
        expect(await addEverywhere(url)).toBe(1)
        expect(await runOk('verify', '--json')).toMatchObject({ ok: true })
      }
      expect(readLog()).toBe((await runClaimlog(['tail', '--dir', dir])).stdout)
      rmSync(stepsPath, { force: true })
    }
  })
})
