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
import { claimlogPath, type Finished, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { chainLines, noonMs } from '../fuzz/generate-log.ts'

const mib = 1024 * 1024
const time = '2025-01-01T12:00:00.000Z'
const opened =
  '{"seq":1,"event":"opened","format":1,"workspace":"w","lease_ms":900000,"max_attempts":3,' +
  `"backoff":{"first_ms":10000,"max_ms":3600000},"time":"${time}"}`

const added = (seq: number, id: string, more = ''): string =>
  `{"seq":${seq},"event":"added","task_id":"${id}","kind":"docs"${more},"time":"${time}"}`

/** Creates a directory whose log holds these bytes. */
const workspaceOf = (...parts: ReadonlyArray<Uint8Array>): string => {
  const dir = join(temporaryDirectory(), 'ws')
  mkdirSync(dir)
  writeFileSync(join(dir, 'events.jsonl'), Buffer.concat(parts))
  return dir
}

/**
 * Runs claimlog with a limit of processor time and a heap of 256 MiB. The limit is several times the time of a linear
 * algorithm, and a fraction of that of a quadratic one. Time spent waiting for other processes does not count.
 */
const within = (cpuSeconds: number, words: ReadonlyArray<string>, dir: string, input = ''): Promise<Finished> =>
  run('/bin/sh', ['-c', `ulimit -t ${cpuSeconds}; exec "$@"`, 'sh', process.execPath, claimlogPath, ...words], {
    cwd: dir,
    input,
    env: { CLAIMLOG_DIR: dir, NODE_OPTIONS: '--max-old-space-size=256' },
  })

const sound = chainLines([opened])

describe('an implausibly large log', () => {
  it.each([
    ['a line of 64 MiB', Buffer.alloc(64 * mib, 'x'), Buffer.from('\n')],
    ['a line of 64 MiB without a newline', Buffer.alloc(64 * mib, 'x'), Buffer.alloc(0)],
    ['64 MiB of zeros', Buffer.alloc(64 * mib), Buffer.alloc(0)],
    ['five million empty lines', Buffer.alloc(5_000_000, '\n'), Buffer.alloc(0)],
    ['a million lines of one character', Buffer.from('x\n'.repeat(1_000_000)), Buffer.alloc(0)],
  ])('is reported as damaged at its first invalid line, without reading further: %s', async (_what, bytes, end) => {
    const dir = workspaceOf(sound, bytes, end)
    const { status, stdout } = await within(10, ['list', '--json'], dir)
    expect({ status, ...(JSON.parse(stdout) as object) }).toMatchObject({
      status: 7,
      error: 'log_damaged',
      line: 2,
      offset: sound.length,
    })
  })

  it('is read to its last complete decision before an incomplete one of 100,000 lines, and accepts new events', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      added(i + 2, `t${i}`).replace('"time"', '"more":true,"time"'),
    )
    const whole = chainLines([opened, ...lines])
    const dir = workspaceOf(whole)
    const listed = await within(60, ['list', '--json'], dir)
    expect({ status: listed.status, ...(JSON.parse(listed.stdout) as object) }).toEqual({
      status: 0,
      tasks: [],
      seq: 1,
    })
    expect(await within(60, ['add', 'docs'], dir)).toMatchObject({ status: 0, stderr: '' })
    const torn = Buffer.concat([whole.subarray(sound.length), Buffer.from('\n')])
    expect(readFileSync(join(dir, 'events.torn')).equals(torn)).toBe(true)
  })

  it('is read if a task depends on 100,000 others and is amended 1,000 times', async () => {
    const needs = Array.from({ length: 100_000 }, (_, i) => `"x${i}"`).join(',')
    const amended = (seq: number, what: string): string =>
      `{"seq":${seq},"event":"amended","task_id":"t",${what},"time":"${time}"}`
    const lines = Array.from({ length: 1000 }, (_, i) => amended(i + 4, `"title":"${i}"`))
    const dir = workspaceOf(chainLines([opened, added(2, 't'), amended(3, `"needs":[${needs}]`), ...lines]))
    const { status, stdout } = await within(20, ['why', 't'], dir)
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
  ])('is processed quickly: %s', async (_what, words, input, exit) => {
    const { status } = await within(8, words, workspaceOf(sound), input)
    expect(status).toBe(exit)
  })
})

/** Adds `seq` and `time` to events, after an `opened` event. */
const eventsOf = (sayings: ReadonlyArray<object>): ReadonlyArray<Event> =>
  [
    {
      event: 'opened',
      format: 1,
      workspace: 'w',
      leaseMs: 900_000,
      maxAttempts: 3,
      backoff: { firstMs: 10_000, maxMs: 3_600_000 },
    },
    ...sayings,
  ].map((saying, i) => ({ time, ...saying, seq: i + 1 }) as Event)

const stateOf = (sayings: ReadonlyArray<object>): State => fold(emptyState(), eventsOf(sayings))
const upTo = <A>(count: number, one: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, i) => one(i))

const many = 130_000

describe('a very large number of', () => {
  it('final attempts whose leases have expired are all recorded by the next claim', () => {
    const state = stateOf([
      ...upTo(many, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', maxAttempts: 1 })),
      ...upTo(many, i => ({
        event: 'claimed',
        worker: 'w',
        taskId: `t${i}`,
        attempt: 1,
        leaseUntil: '2025-01-01T12:00:01.000Z',
      })),
    ])
    const decided = decide({ command: 'claim', worker: 'ann', kinds: [], nowMs: noonMs + 2000 }, state)
    expect(E.isRight(decided) ? decided.right.events.length : decided).toBe(many)
  })

  it('tasks that depend on one task are ready once it is done', () => {
    const state = stateOf([
      { event: 'added', taskId: 'one', kind: 'docs' },
      ...upTo(many, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', needs: ['one'] })),
      { event: 'claimed', worker: 'w', taskId: 'one', attempt: 1, leaseUntil: null },
      { event: 'completed', worker: 'w', taskId: 'one', token: many + 3 },
    ])
    expect(queueFile(state).tasks.filter(task => task.status === 'ready')).toHaveLength(many)
  })

  it('dependencies of one task are shown in a few lines', () => {
    const needs = upTo(many, i => `x${i}`)
    const state = stateOf([{ event: 'added', taskId: 't', kind: 'docs', needs }])
    const why = whyView(state, 't', time)
    expect(E.isRight(why) ? renderWhy(why.right, noonMs).length : why).toBeLessThan(10_000)
  })

  it('attempts at one task are shown as a history', () => {
    const events = eventsOf([
      { event: 'added', taskId: 't', kind: 'docs' },
      ...upTo(many, i => ({ event: 'claimed', worker: `w${i}`, taskId: 't', attempt: 1, leaseUntil: null })),
    ])
    const task = findTask(fold(emptyState(), events), 't')
    const view =
      task && traceView({ seq: events.length, clock: initialClock }, task, events.filter(isAboutTask('t')), time)
    expect(view && renderTrace(view).split('\n').length).toBeGreaterThan(many)
  })
})

describe('a text of a mebibyte', () => {
  it('is truncated in a table, so that one task does not widen the rows of all others', () => {
    const long = 'x'.repeat(mib)
    const state = stateOf([
      ...upTo(700, i => ({ event: 'added', taskId: `t${i}`, kind: 'docs', title: i === 1 ? long : 'short' })),
      { event: 'claimed', worker: 'w', taskId: 't0', attempt: 1, leaseUntil: null },
      { event: 'failed', worker: 'w', taskId: 't0', token: 702, error: long, retryAt: null },
    ])
    expect(renderList(listView(state, {}), {}, noonMs).length).toBeLessThan(700 * 1000)
  })

  it('of control characters is escaped completely', () => {
    expect(toPrintable('\u001b'.repeat(mib)).length).toBe(6 * mib)
  })
})
