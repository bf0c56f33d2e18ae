import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { answer, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, workspaceIn } from '../support/cli-workspace.ts'
import { elapsedLines } from '../support/log/elapsed-lines.ts'
import type { Line } from '../support/log/log-book.ts'
import { itWherePossible, type Missing } from '../support/machine/it-where-possible.ts'

/** Finds libfaketime, which gives a process another wall clock. */
const findLibrary = (): string | undefined => {
  for (const root of ['/usr/lib', '/usr/lib64', '/usr/local/lib'].filter(existsSync))
    for (const entry of ['', ...readdirSync(root)]) {
      const path = join(root, entry, 'faketime/libfaketime.so.1')
      if (existsSync(path)) return path
    }
  return undefined
}

const library = findLibrary()
const missing: Missing = library === undefined ? 'there is no libfaketime' : undefined
const it = itWherePossible(missing)

const wrongClocks = ['+1d', '+70y', '-1h', '@1969-07-20 20:17:40']

/** The environment of a process with another clock. */
const wrongClock = (clock: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: library ?? '',
  FAKETIME: clock,
  FAKETIME_DONT_RESET: '1',
})

/** Runs one command with a wrong clock, as if the clock of the machine had been wrong for a moment. */
const runWrong = async (workspace: CliWorkspace, clock: string, words: ReadonlyArray<string>): Promise<void> => {
  const finished = await workspace.run(words, { env: wrongClock(clock) })
  expect({ words, status: finished.status }).toEqual({ words, status: 0 })
}

/** The end of the lease, the delay or the backoff of a line. */
const endOf = ({ lease_until, retry_at, not_before }: Line): string | undefined =>
  [lease_until, retry_at, not_before].find(moment => typeof moment === 'string')

/**
 * Checks that a waiting worker with a correct clock claims the task when the last duration in the log is over, not
 * before. There is no tight upper bound that a slow machine could miss: the claim times out after 30 s, and the wrong
 * clocks are off by more.
 */
const expectLength = async (workspace: CliWorkspace, lengthMs: number): Promise<void> => {
  expect((await workspace.run(['claim', 'late', 'docs', '--wait', '30s'])).status).toBe(0)
  const events = workspace.events()
  const lines = elapsedLines(events as ReadonlyArray<unknown> as ReadonlyArray<Line>)
  const claimed = lines.at(-1)
  expect(claimed).toMatchObject({ event: 'claimed', worker: 'late' })
  const setting = lines.slice(0, -1).findLast(line => endOf(line) !== undefined)
  const [setAt = NaN, endsAt = NaN] = [setting?.time, setting && endOf(setting)].map(moment => Date.parse(moment ?? ''))
  expect(endsAt - setAt).toBe(lengthMs)
  expect(Date.parse(claimed?.time ?? '') - setAt).toBeGreaterThanOrEqual(lengthMs)
  expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).sort())
  expect((await workspace.run(['verify'])).status).toBe(0)
  expect((await workspace.run(['trace', 't'])).status).toBe(0)
}

const withTask = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.done(['add', 'docs', 't'])
  return workspace
}

describe.each(wrongClocks)('after one command with the clock at %s', clock => {
  it('a live lease lasts for its duration, and then another worker claims the task', async () => {
    const workspace = await withTask()
    await workspace.done(['claim', 'ann', 'docs', '--lease', '4s'])
    await runWrong(workspace, clock, ['note', 't', 'hello'])
    await expectLength(workspace, 4000)
  })

  it('later leases, delays and retries last for their duration', async () => {
    const workspace = await withTask()
    await runWrong(workspace, clock, ['note', 't', 'hello'])
    await workspace.run(['claim', 'ann', 'docs', '--lease', '2s'])
    await expectLength(workspace, 2000)
    await workspace.run(['fail', 'late', 't', '--error', 'x', '--retry-in', '2s'])
    await expectLength(workspace, 2000)
    await workspace.run(['cancel', 't'])
    await workspace.run(['add', 'docs', 'later', '--in', '2s'])
    await expectLength(workspace, 2000)
  })

  const wrongWrites: ReadonlyArray<
    readonly [what: string, before: ReadonlyArray<string>, wrong: ReadonlyArray<string>, lengthMs: number]
  > = [
    ['claim', [], ['claim', 'ann', 'docs', '--lease', '3s'], 3000],
    ['renewal', ['claim', 'ann', 'docs', '--lease', '2s'], ['renew', 'ann', 't', '--lease', '4s'], 4000],
    ['wait for a retry', ['claim', 'ann', 'docs'], ['fail', 'ann', 't', '--error', 'x', '--retry-in', '3s'], 3000],
    ['amended delay', [], ['amend', 't', '--in', '3s'], 3000],
  ]
  for (const [what, before, wrong, lengthMs] of wrongWrites)
    it(`the ${what} that it wrote lasts for its duration`, async () => {
      const workspace = await withTask()
      if (before.length > 0) await workspace.done(before)
      await runWrong(workspace, clock, wrong)
      await expectLength(workspace, lengthMs)
    })
})

it('a worker with a clock that is ahead cannot claim a task with a live lease', async () => {
  const workspace = await withTask()
  await workspace.done(['claim', 'ann', 'docs', '--lease', '10m'])
  expect((await workspace.run(['claim', 'eve', 'docs'], { env: wrongClock('+1d') })).status).toBe(3)
  await workspace.done(['complete', 'ann', 't'])
})

it('a writer to a log that is ahead gets one warning, and doctor prints a hint', async () => {
  const workspace = await withTask()
  await runWrong(workspace, '+1d', ['note', 't', 'hello'])
  const { status, stderr } = await workspace.run(['claim', 'ann', 'docs'])
  expect(status).toBe(0)
  expect(stderr.match(/ahead of this machine's clock/g)).toHaveLength(1)
  const doctor = await workspace.run(['doctor'])
  expect(doctor.stdout).toMatch(/if this clock is right, no action is needed/)
})

it('a clock outside the years that the log supports is refused with a message', async () => {
  const workspace = await withTask()
  const { status, stdout } = await workspace.run(['note', 't', 'hello'], { env: wrongClock('@9500-01-01 00:00:00') })
  expect(status).toBe(2)
  expect(stdout).toMatch(/this machine's clock is not between the years 1900 and 9000/)
})

const unitMs = { h: 3_600_000, m: 60_000, s: 1000 }
type Unit = keyof typeof unitMs

describe('a log that was created while the clock was a day ahead', () => {
  it('has its times converted to the current clock in refusals, queries and agent briefings', async () => {
    const from = process.uptime()
    const workspace = workspaceIn(temporaryDirectory())
    await runWrong(workspace, '+1d', ['init'])
    await runWrong(workspace, '+1d', ['add', 'docs', 'due', '--in', '1h'])
    for (const words of [
      ['add', 'docs', 't'],
      ['add', 'docs', 'held'],
      ['hold', 'held'],
      ['claim', 'ann', '--task', 't', '--lease', '30m'],
    ])
      expect((await workspace.run(words)).status).toBe(0)
    const answers: Array<unknown> = []
    for (const words of [
      ['claim', 'bob', '--task', 't'],
      ['claim', 'bob', '--task', 'due'],
      ['claim', 'bob', '--task', 'held'],
      ['claim', 'bob', 'docs'],
      ['complete', 'bob', 't'],
      ...['t', 'due', 'held'].flatMap(id => [
        ['why', id, '--json'],
        ['show', id, '--json'],
      ]),
      ['list', '--json'],
      ['status', '--json'],
      ['prime', '--worker', 'ann', '--json'],
      ['trace', 't', '--json'],
    ])
      answers.push({ words, ...answer(await workspace.run(words)) })
    // The latest time is the due time of the task, in an hour.
    const latestMs = Date.now() + 3_700_000
    const moments = JSON.stringify(answers).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? []
    expect(moments.length).toBeGreaterThan(20)
    expect(moments.filter(moment => Date.parse(moment) > latestMs)).toEqual([])
    const toldMs = (words: string | undefined): number =>
      [...(words ?? '').matchAll(/(\d+)([hms])/g)].reduce((ms, [, n, unit]) => ms + Number(n) * unitMs[unit as Unit], 0)
    const expectLeft = (words: string | undefined, ofMs: number): void => {
      // They are printed without fractions of a second.
      expect(toldMs(words)).toBeGreaterThan(ofMs - (process.uptime() - from) * 1000 - 1000)
      expect(toldMs(words)).toBeLessThanOrEqual(ofMs)
    }
    expectLeft(/^due .* in (.*)$/m.exec((await workspace.run(['list'])).stdout)?.[1], 3_600_000)
    expectLeft(/^ +t \((.*) left\)$/m.exec((await workspace.run(['prime', '--worker', 'ann'])).stdout)?.[1], 1_800_000)
  })
})

it('doctor reports a clock with which no command writes', async () => {
  const workspace = await withTask()
  const env = wrongClock('@9500-01-01 00:00:00')
  expect((await workspace.run(['note', 't', 'a'], { env })).status).toBe(2)
  const { stdout } = await workspace.run(['doctor', '--json'], { env })
  expect(JSON.parse(stdout)).toMatchObject({
    checks: expect.arrayContaining([
      expect.objectContaining({ name: 'clock', state: 'wrong', mend: 'set the clock of this machine' }),
    ]) as unknown,
  })
})
