import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { parseOutput, temporaryDirectory } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace, cliWorkspace } from '../support/cli-workspace.ts'
import { elapsedLines } from '../support/log/elapsed-lines.ts'
import type { CheckedLine } from '../support/log/log-model.ts'
import { itIfPossible, type MissingReason } from '../support/machine/it-if-possible.ts'
import { selectCases } from '../support/machine/select-cases.ts'

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
const missing: MissingReason = library === undefined ? 'there is no libfaketime' : undefined
const it = itIfPossible(missing)

const wrongClocks = ['+1d', '+70y', '-1h', '@1969-07-20 20:17:40']

/** The environment of a process with another clock. */
const clockEnvironment = (clock: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: library ?? '',
  FAKETIME: clock,
  FAKETIME_DONT_RESET: '1',
})

/** Runs one command with a wrong clock, as if the clock of the machine had been wrong for a moment. */
const runWithClock = async (workspace: CliWorkspace, clock: string, args: ReadonlyArray<string>): Promise<void> => {
  const result = await workspace.run(args, { env: clockEnvironment(clock) })
  expect({ args, status: result.status }).toEqual({ args, status: 0 })
}

/** The end of the lease, the delay or the backoff of a line. */
const readEndTime = ({ lease_until, retry_at, not_before }: CheckedLine): string | undefined =>
  [lease_until, retry_at, not_before].find(timestamp => typeof timestamp === 'string')

/**
 * Checks that a waiting worker with a correct clock claims the task when the last duration in the log is over, not
 * before. There is no tight upper bound that a slow machine could miss: the claim times out after 30 s, and the wrong
 * clocks are off by more.
 */
const expectDuration = async (workspace: CliWorkspace, lengthMs: number): Promise<void> => {
  expect((await workspace.run(['claim', 'late', 'docs', '--wait', '30s'])).status).toBe(0)
  const events = workspace.readEvents()
  const lines = elapsedLines(events as ReadonlyArray<unknown> as ReadonlyArray<CheckedLine>)
  const claimed = lines.at(-1)
  expect(claimed).toMatchObject({ event: 'claimed', worker: 'late' })
  const timedLine = lines.slice(0, -1).findLast(line => readEndTime(line) !== undefined)
  const [setMs = NaN, endMs = NaN] = [timedLine?.time, timedLine && readEndTime(timedLine)].map(timestamp =>
    Date.parse(timestamp ?? ''),
  )
  expect(endMs - setMs).toBe(lengthMs)
  expect(Date.parse(claimed?.time ?? '') - setMs).toBeGreaterThanOrEqual(lengthMs)
  expect(events.map(({ time }) => time)).toEqual(events.map(({ time }) => time).sort())
  expect((await workspace.run(['verify'])).status).toBe(0)
  expect((await workspace.run(['trace', 't'])).status).toBe(0)
}

const newWorkspaceWithTask = async (): Promise<CliWorkspace> => {
  const workspace = await newWorkspace()
  await workspace.runOk(['add', 'docs', 't'])
  return workspace
}

/** A workspace with one task, a command with this clock, and checks of the durations before or after it. */
type ClockCase = readonly [title: string, check: (workspace: CliWorkspace, clock: string) => Promise<void>]

const aroundCommand: ReadonlyArray<ClockCase> = [
  [
    'a live lease lasts for its duration, and then another worker claims the task',
    async (workspace, clock) => {
      await workspace.runOk(['claim', 'ann', 'docs', '--lease', '4s'])
      await runWithClock(workspace, clock, ['note', 't', 'hello'])
      await expectDuration(workspace, 4000)
    },
  ],
  [
    'later leases, delays and retries last for their duration',
    async (workspace, clock) => {
      await runWithClock(workspace, clock, ['note', 't', 'hello'])
      await workspace.run(['claim', 'ann', 'docs', '--lease', '2s'])
      await expectDuration(workspace, 2000)
      await workspace.run(['fail', 'late', 't', '--error', 'x', '--retry-in', '2s'])
      await expectDuration(workspace, 2000)
      await workspace.run(['cancel', 't'])
      await workspace.run(['add', 'docs', 'later', '--in', '2s'])
      await expectDuration(workspace, 2000)
    },
  ],
]

const timedCommands: ReadonlyArray<
  readonly [what: string, before: ReadonlyArray<string>, timedCommand: ReadonlyArray<string>, lengthMs: number]
> = [
  ['claim', [], ['claim', 'ann', 'docs', '--lease', '3s'], 3000],
  ['renewal', ['claim', 'ann', 'docs', '--lease', '2s'], ['renew', 'ann', 't', '--lease', '4s'], 4000],
  ['wait for a retry', ['claim', 'ann', 'docs'], ['fail', 'ann', 't', '--error', 'x', '--retry-in', '3s'], 3000],
  ['amended delay', [], ['amend', 't', '--in', '3s'], 3000],
]

const clockCases: ReadonlyArray<ClockCase> = [
  ...aroundCommand,
  ...timedCommands.map(([what, before, timedCommand, lengthMs]): ClockCase => [
    `the ${what} that it wrote lasts for its duration`,
    async (workspace, clock) => {
      if (before.length > 0) await workspace.runOk(before)
      await runWithClock(workspace, clock, timedCommand)
      await expectDuration(workspace, lengthMs)
    },
  ]),
]

describe.each(wrongClocks)('after one command with the clock at %s', clock => {
  // Each case meets one of the clocks.
  for (const [title, check] of selectCases(clockCases, wrongClocks.length, wrongClocks.indexOf(clock)))
    it(title, async () => check(await newWorkspaceWithTask(), clock))
})

it('a worker with a clock that is ahead cannot claim a task with a live lease', async () => {
  const workspace = await newWorkspaceWithTask()
  await workspace.runOk(['claim', 'ann', 'docs', '--lease', '10m'])
  expect((await workspace.run(['claim', 'eve', 'docs'], { env: clockEnvironment('+1d') })).status).toBe(3)
  await workspace.runOk(['complete', 'ann', 't'])
})

it('a writer to a log that is ahead gets one warning, and doctor prints a hint', async () => {
  const workspace = await newWorkspaceWithTask()
  await runWithClock(workspace, '+1d', ['note', 't', 'hello'])
  const { status, stderr } = await workspace.run(['claim', 'ann', 'docs'])
  expect(status).toBe(0)
  expect(stderr.match(/ahead of this machine's clock/g)).toHaveLength(1)
  const doctor = await workspace.run(['doctor'])
  expect(doctor.stdout).toMatch(/if this clock is right, no action is needed/)
})

it('a clock outside the years that the log supports is refused with a message', async () => {
  const workspace = await newWorkspaceWithTask()
  const { status, stdout } = await workspace.run(['note', 't', 'hello'], {
    env: clockEnvironment('@9500-01-01 00:00:00'),
  })
  expect(status).toBe(2)
  expect(stdout).toMatch(/this machine's clock is not between the years 1900 and 9000/)
})

const unitMs = { h: 3_600_000, m: 60_000, s: 1000 }
type TimeUnit = keyof typeof unitMs

describe('a log that was created while the clock was a day ahead', () => {
  it('has its times converted to the current clock in refusals, queries and agent briefings', async () => {
    const startedSeconds = process.uptime()
    const workspace = cliWorkspace(temporaryDirectory())
    await runWithClock(workspace, '+1d', ['init'])
    await runWithClock(workspace, '+1d', ['add', 'docs', 'due', '--in', '1h'])
    for (const args of [
      ['add', 'docs', 't'],
      ['add', 'docs', 'held'],
      ['hold', 'held'],
      ['claim', 'ann', '--task', 't', '--lease', '30m'],
    ])
      expect((await workspace.run(args)).status).toBe(0)
    const answers: Array<unknown> = []
    for (const args of [
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
      answers.push({ args, ...parseOutput(await workspace.run(args)) })
    // The latest time is the due time of the task, in an hour.
    const latestMs = Date.now() + 3_700_000
    const timestamps = JSON.stringify(answers).match(/\d{4}-\d\d-\d\dT[\d:.]+Z/g) ?? []
    expect(timestamps.length).toBeGreaterThan(20)
    expect(timestamps.filter(timestamp => Date.parse(timestamp) > latestMs)).toEqual([])
    const parseDurationMs = (text: string | undefined): number =>
      [...(text ?? '').matchAll(/(\d+)([hms])/g)].reduce(
        (ms, [, n, unit]) => ms + Number(n) * unitMs[unit as TimeUnit],
        0,
      )
    const expectRemaining = (text: string | undefined, fullMs: number): void => {
      // They are printed without fractions of a second.
      expect(parseDurationMs(text)).toBeGreaterThan(fullMs - (process.uptime() - startedSeconds) * 1000 - 1000)
      expect(parseDurationMs(text)).toBeLessThanOrEqual(fullMs)
    }
    expectRemaining(/^due .* in (.*)$/m.exec((await workspace.run(['list'])).stdout)?.[1], 3_600_000)
    expectRemaining(
      /^ +t \((.*) left\)$/m.exec((await workspace.run(['prime', '--worker', 'ann'])).stdout)?.[1],
      1_800_000,
    )
  })
})

it('doctor reports a clock with which no command writes', async () => {
  const workspace = await newWorkspaceWithTask()
  const env = clockEnvironment('@9500-01-01 00:00:00')
  expect((await workspace.run(['note', 't', 'a'], { env })).status).toBe(2)
  const { stdout } = await workspace.run(['doctor', '--json'], { env })
  expect(JSON.parse(stdout)).toMatchObject({
    checks: expect.arrayContaining([
      expect.objectContaining({ name: 'clock', state: 'wrong', mend: 'set the clock of this machine' }),
    ]) as unknown,
  })
})
