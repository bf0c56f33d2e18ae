import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decide,
  emptyState,
  type Event,
  findTask,
  fold,
  isAboutTask,
  toPrintable,
  type State,
  initialClock,
} from '@claimlog/domain'
import { listView, traceView, whyView } from '@claimlog/wire'
import { queueFile } from '@claimlog/queue-file'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { renderList, renderTrace, renderWhy } from '../../packages/cli/src/render/index.ts'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { chainLines, noonMs } from '../fuzz/generate-log.ts'

const bytesPerMib = 1024 * 1024
const time = '2025-01-01T12:00:00.000Z'
const openedLine =
  '{"seq":1,"event":"opened","format":1,"workspace":"w","lease_ms":900000,"max_attempts":3,' +
  `"backoff":{"first_ms":10000,"max_ms":3600000},"time":"${time}"}`

const addedLine = (seq: number, id: string, more = ''): string =>
  `{"seq":${seq},"event":"added","task_id":"${id}","kind":"docs"${more},"time":"${time}"}`

/** Creates a directory whose log holds these bytes. */
const newLogDirectory = (...parts: ReadonlyArray<Uint8Array>): string => {
  const dir = join(temporaryDirectory(), 'ws')
  mkdirSync(dir)
  writeFileSync(join(dir, 'events.jsonl'), Buffer.concat(parts))
  return dir
}

/**
 * Runs claimlog with a limit of processor time and a heap of 256 MiB. The limit is several times the time of a linear
 * algorithm, and a fraction of that of a quadratic one. Time spent waiting for other processes does not count.
 */
const runWithLimits = (
  cpuSeconds: number,
  args: ReadonlyArray<string>,
  dir: string,
  input = '',
): Promise<ProcessResult> =>
  run('/bin/sh', ['-c', `ulimit -t ${cpuSeconds}; exec "$@"`, 'sh', process.execPath, claimlogPath, ...args], {
    cwd: dir,
    input,
    env: { CLAIMLOG_DIR: dir, NODE_OPTIONS: '--max-old-space-size=256' },
  })

const openedLog = chainLines([openedLine])

describe('an implausibly large log', () => {
  it.each([
    ['a line of 64 MiB', Buffer.alloc(64 * bytesPerMib, 'x'), Buffer.from('\n')],
    ['a line of 64 MiB without a newline', Buffer.alloc(64 * bytesPerMib, 'x'), Buffer.alloc(0)],
    ['64 MiB of zeros', Buffer.alloc(64 * bytesPerMib), Buffer.alloc(0)],
    ['five million empty lines', Buffer.alloc(5_000_000, '\n'), Buffer.alloc(0)],
    ['a million lines of one character', Buffer.from('x\n'.repeat(1_000_000)), Buffer.alloc(0)],
  ])('is reported as damaged at its first invalid line, without reading further: %s', async (_what, bytes, end) => {
    const dir = newLogDirectory(openedLog, bytes, end)
    const { status, stdout } = await runWithLimits(10, ['list', '--json'], dir)
    expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({
      status: 7,
      error: 'log_damaged',
      line: 2,
      offset: openedLog.length,
    })
  })

  it('is read to its last complete decision before an incomplete one of 100,000 lines, and accepts new events', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      addedLine(i + 2, `t${i}`).replace('"time"', '"more":true,"time"'),
    )
    const incompleteLog = chainLines([openedLine, ...lines])
    const dir = newLogDirectory(incompleteLog)
    const result = await runWithLimits(60, ['list', '--json'], dir)
    expect({ status: result.status, ...(JSON.parse(result.stdout) as object) }).toEqual({
      status: 0,
      tasks: [],
      seq: 1,
    })
    expect(await runWithLimits(60, ['add', 'docs'], dir)).toMatchObject({ status: 0, stderr: '' })
    const tornTail = Buffer.concat([incompleteLog.subarray(openedLog.length), Buffer.from('\n')])
    expect(readFileSync(join(dir, 'events.torn')).equals(tornTail)).toBe(true)
  })

  it('is read if a task depends on 100,000 others and is amended 1,000 times', async () => {
    const needs = Array.from({ length: 100_000 }, (_, i) => `"x${i}"`).join(',')
    const amendedLine = (seq: number, what: string): string =>
      `{"seq":${seq},"event":"amended","task_id":"t",${what},"time":"${time}"}`
    const lines = Array.from({ length: 1000 }, (_, i) => amendedLine(i + 4, `"title":"${i}"`))
    const dir = newLogDirectory(
      chainLines([openedLine, addedLine(2, 't'), amendedLine(3, `"needs":[${needs}]`), ...lines]),
    )
    const { status, stdout } = await runWithLimits(20, ['why', 't'], dir)
    expect({ status, cut: stdout.includes('and 99980 more dependencies that are not done') }).toEqual({
      status: 0,
      cut: true,
    })
  })
})

describe('input for which a naive algorithm takes quadratic time', () => {
  it.each([
    ['a fraction with 400,000 zeros', ['add', '-'], `{"kind":"docs","payload":1.${'0'.repeat(400_000)}1}`, 2],
    ['a whole number with 400,000 zeros', ['add', '-'], `{"kind":"docs","payload":1${'0'.repeat(400_000)}}`, 2],
    ['a duration of spaces', ['add', 'docs', '--lease', ' '.repeat(130_000)], '', 2],
    ['a name of line breaks', ['add', 'docs', '\n'.repeat(130_000)], '', 2],
    ['a number of digits', ['claim', 'w', '--count', '1'.repeat(130_000)], '', 2],
    ['a long flag that resembles a real one', [`--${'lease'.repeat(26_000)}`], '', 2],
  ])('is processed quickly: %s', async (_what, args, input, exit) => {
    const { status } = await runWithLimits(8, args, newLogDirectory(openedLog), input)
    expect(status).toBe(exit)
  })
})

/** Adds `seq` and `time` to events, after an `opened` event. */
const numberEvents = (inputs: ReadonlyArray<object>): ReadonlyArray<Event> =>
  [
    {
      event: 'opened',
      format: 1,
      workspace: 'w',
      leaseMs: 900_000,
      maxAttempts: 3,
      backoff: { firstMs: 10_000, maxMs: 3_600_000 },
    },
    ...inputs,
  ].map((input, i) => ({ time, ...input, seq: i + 1 }) as Event)

const foldInputs = (inputs: ReadonlyArray<object>): State => fold(emptyState(), numberEvents(inputs))
const repeat = <A>(count: number, create: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, i) => create(i))

const hugeCount = 130_000

describe('a very large number of', () => {
  it('final attempts whose leases have expired are all recorded by the next claim', () => {
    const state = foldInputs([
      ...repeat(hugeCount, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', maxAttempts: 1 })),
      ...repeat(hugeCount, i => ({
        event: 'claimed',
        worker: 'w',
        taskId: `t${i}`,
        attempt: 1,
        leaseUntil: '2025-01-01T12:00:01.000Z',
      })),
    ])
    const decision = decide({ command: 'claim', worker: 'ann', kinds: [], nowMs: noonMs + 2000 }, state)
    expect(E.isRight(decision) ? decision.right.events.length : decision).toBe(hugeCount)
  })

  it('tasks that depend on one task are ready once it is done', () => {
    const state = foldInputs([
      { event: 'added', taskId: 'one', kind: 'docs' },
      ...repeat(hugeCount, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', needs: ['one'] })),
      { event: 'claimed', worker: 'w', taskId: 'one', attempt: 1, leaseUntil: null },
      { event: 'completed', worker: 'w', taskId: 'one', token: hugeCount + 3 },
    ])
    expect(queueFile(state).tasks.filter(task => task.status === 'ready')).toHaveLength(hugeCount)
  })

  it('dependencies of one task are shown in a few lines', () => {
    const needs = repeat(hugeCount, i => `x${i}`)
    const state = foldInputs([{ event: 'added', taskId: 't', kind: 'docs', needs }])
    const why = whyView(state, 't', time)
    expect(E.isRight(why) ? renderWhy(why.right, noonMs).length : why).toBeLessThan(10_000)
  })

  it('attempts at one task are shown as a history', () => {
    const events = numberEvents([
      { event: 'added', taskId: 't', kind: 'docs' },
      ...repeat(hugeCount, i => ({ event: 'claimed', worker: `w${i}`, taskId: 't', attempt: 1, leaseUntil: null })),
    ])
    const task = findTask(fold(emptyState(), events), 't')
    const view =
      task && traceView({ seq: events.length, clock: initialClock }, task, events.filter(isAboutTask('t')), time)
    expect(view && renderTrace(view).split('\n').length).toBeGreaterThan(hugeCount)
  })
})

describe('a text of a mebibyte', () => {
  it('is truncated in a table, so that one task does not widen the rows of all others', () => {
    const longText = 'x'.repeat(bytesPerMib)
    const state = foldInputs([
      ...repeat(700, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', title: i === 1 ? longText : 'short' })),
      { event: 'claimed', worker: 'w', taskId: 't0', attempt: 1, leaseUntil: null },
      { event: 'failed', worker: 'w', taskId: 't0', token: 702, error: longText, retryAt: null },
    ])
    expect(renderList(listView(state, {}), {}, noonMs).length).toBeLessThan(700 * 1000)
  })

  it('of control characters is escaped completely', () => {
    expect(toPrintable('\u001b'.repeat(bytesPerMib)).length).toBe(6 * bytesPerMib)
  })
})
