import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkspace, type CommandInput } from '@claimlog/workspace'
import type { Json } from '@claimlog/codecs'
import { type Event, lineCodec } from '@claimlog/domain'
import type { EventLog } from '@claimlog/event-log'
import { createFileLog, logFileName, openFileLog, realDisk, realTimers } from '@claimlog/event-log-file'
import * as E from 'fp-ts/lib/Either.js'
import { temporaryDirectory } from '../support/claimlog-process.ts'

const noon = Date.parse('2025-01-01T12:00:00.000Z')

/** Texts of every kind that UTF-8 and JSON encode differently. */
const texts = [
  'Grüße aus Köln',
  '日本語の題',
  '🦊 and 👩‍👩‍👧',
  '"quoted" \\ and / slashed',
  'two\nlines\tand\ra \u0007 bell',
  '\u2028 and \u007f and \ufeff',
  'half a pair \ud83e, and \udd8a the other',
  'naïve ﬁ ﷽ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢',
]

const payloads: ReadonlyArray<Json> = [
  { größe: 1, 'ключ "k"': ['é', null, -0.5, 1e21] },
  { '🦊': { '\u0000': '\\u0000' } },
  [[], {}, '', false, Number.MAX_SAFE_INTEGER],
  { empty: '', nested: [[[['日本']]]], ',"hash":"': '0123456789abcdef0123456789abcdef"}' },
]

/** Nineteen events of every kind except `opened`, alone and in decisions of two and three lines. */
const roundCommands = (round: number): ReadonlyArray<CommandInput> => {
  const kind = `kind-${round}`
  const [first = '', second = '', third = ''] = [0, 1, 2].map(i => `ü-${round}-${i}`)
  const text = texts[round % texts.length] as string
  const payload = payloads[round % payloads.length]
  const by = 'zoë'
  return [
    {
      command: 'add',
      tasks: [
        { kind, taskId: first, title: text, payload },
        { kind, taskId: second, tags: ['日本'], priority: round % 10 },
        { kind, taskId: third, needs: [first] },
      ],
      requestId: `r-${round}-é`,
    },
    { command: 'claim', worker: 'ann', kinds: [kind], count: 2 },
    { command: 'renew', worker: 'ann', taskId: first, progress: payload },
    { command: 'complete', worker: 'ann', taskId: first, result: payload },
    { command: 'release', worker: 'ann', taskId: second, reason: text },
    { command: 'hold', taskId: second, reason: text, by },
    { command: 'unhold', taskId: second, by },
    { command: 'cancel', taskId: second, reason: text },
    { command: 'retry', taskId: second },
    { command: 'claim', worker: 'bøb', kinds: [kind], taskId: second, leaseMs: null },
    { command: 'fail', worker: 'bøb', taskId: second, error: text, retryInMs: round % 2 === 0 ? null : 1 },
    { command: 'amend', taskId: third, title: text },
    { command: 'note', taskId: third, text },
    { command: 'pause', kind, reason: text },
    { command: 'resume', kind },
    { command: 'limit', kind, limit: round + 1 },
  ]
}

const rounds = 10

/** The commands that write the log: 1 + 10 * 19 + 4 + 2 + 3 events; the last decision has three lines. */
const sampleCommands: ReadonlyArray<CommandInput> = [
  { command: 'open', workspace: '6f1cbb1e-7d52-4a0e-9a41-0d8f3f5b7c11' },
  ...Array.from({ length: rounds }, (_, round) => roundCommands(round)).flat(),
  ...texts.slice(0, 4).map((text): CommandInput => ({ command: 'note', taskId: 'ü-0-0', text })),
  { command: 'add', tasks: [{ kind: 'last', taskId: 'a' }] },
  { command: 'note', taskId: 'a', text: texts[2] as string },
  { command: 'add', tasks: texts.slice(0, 3).map((title, i) => ({ kind: 'last', taskId: `last-${i}`, title })) },
]

/**
 * The bytes of a log that the library wrote: 200 events of all sixteen kinds, in decisions of one, two and three lines,
 * with non-ASCII texts and escapes. The bytes are always the same, because the clock and the workspace's id are fixed.
 */
export const writeSampleLog = async (): Promise<Buffer> => {
  const dir = temporaryDirectory()
  unwrap(createFileLog(dir, true))
  await runSampleCommands(await openLog(dir))
  return readFileSync(join(dir, logFileName))
}

/** Writes the sample log to an empty log, and closes that. */
export const runSampleCommands = async (log: EventLog<Event>): Promise<void> => {
  let nowMs = noon
  const workspace = openWorkspace({ log, clock: () => ({ nowMs: (nowMs += 1000) }) })
  for (const command of sampleCommands) unwrap(await workspace.run(command)())
  await workspace.close()
}

/** No other process writes to the log, so a second check of damage needs no pause. */
const timers = { ...realTimers, sleep: () => Promise.resolve() }

/** Other tests cover the syncs; here they would take most of the time. */
const disk = { ...realDisk, datasync: () => undefined }

/** Opens the log in `dir`; its writes survive a crash of the process, but not a power cut. */
export const openLog = async (dir: string) => {
  return unwrap(await openFileLog<Event>({ dir, codec: lineCodec, durability: 'os', disk, timers })())
}

export type SampleLog = Awaited<ReturnType<typeof openLog>>

/** Unwraps `either`; throws if it is a failure. */
const unwrap = <L, A>(either: E.Either<L, A>): A => {
  if (E.isLeft(either)) throw new Error(`expected success, got ${JSON.stringify(either.left)}`)
  return either.right
}
