import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyState, type Event, fold, type State } from '@claimlog/domain'
import { added, at, claimed, buildLog, opened } from '@claimlog/domain/testing'
import { type EventLog, memoryLog } from '@claimlog/event-log'
import { aheadFileName, derivedFiles, editedFileName, queueFileName, queueFileOnDisk, type SizeMark } from './disk.ts'
import { expectSize, lockTimeoutMs, type Powers, refresh } from './state-machine.ts'
import { queueFileText } from './text.ts'

const events = buildLog(
  at(0, opened(), added('a', 'docs'), added('b', 'docs')),
  at(1, claimed('ann', 'a', { until: 16 })),
)
const whole = fold(emptyState(), events)
const earlier = fold(emptyState(), events.slice(0, 3))

/** A log of these events, with bookmarks in the form of a file's. */
const logWith = async (held: ReadonlyArray<Event>, hash = 'a'): Promise<EventLog<Event>> => {
  const log = memoryLog<Event>({ id: `0 0 ${hash}`, events: [...held], listeners: new Set() })
  await log.read(0, () => undefined)()
  return log
}

const powers: Omit<Powers, 'notify'> = { lockTimeoutMs, maxSize: 'small', writes: true, keepsEdits: true }
const forJudging = { ...powers, writes: false }
const forRefresher = { ...powers, keepsEdits: false }

type Scene = { readonly dir: string; readonly path: string; readonly write: Write }
/** Has a process that knows `state` of a log write the file. */
type Write = (state: State, log: EventLog<Event>) => Promise<void>

const sceneIn = (dir: string): Scene => ({
  dir,
  path: join(dir, queueFileName),
  write: async (state, log) => {
    const of = { dir, file: queueFileOnDisk(dir), log }
    await refresh(of, { ...powers, notify: () => undefined }, { current: () => state })
  },
})

type Prepare = (scene: Scene) => Promise<{ readonly state: State; readonly log: EventLog<Event> }>

const absent: Prepare = async () => ({ state: whole, log: await logWith(events) })
const current: Prepare = async ({ write }) => {
  const log = await logWith(events)
  await write(whole, log)
  return { state: whole, log }
}
const behind: Prepare = async ({ write }) => {
  await write(earlier, await logWith(events.slice(0, 3)))
  return { state: whole, log: await logWith(events) }
}
const unstamped: Prepare = async scene => {
  const known = await behind(scene)
  rmSync(join(scene.dir, derivedFiles.stamp))
  return known
}
const edited: Prepare = async scene => {
  const known = await current(scene)
  writeFileSync(scene.path, readFileSync(scene.path, 'utf8').replace('"b"', '"c"'))
  return known
}
const newer: Prepare = async scene => ({ ...(await current(scene)), state: earlier })
const putBack: Prepare = async scene => {
  await current(scene)
  return { state: earlier, log: await logWith(events.slice(0, 3)) }
}
const replaced: Prepare = async scene => {
  await current(scene)
  return { state: whole, log: await logWith(events, 'b') }
}

/** Refreshes a file that was prepared; returns the outcome, the file's content, the notices and what was kept. */
const refreshed = async (prepare: Prepare, allowed: Omit<Powers, 'notify'>) => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-states-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const scene = sceneIn(dir)
  const { state, log } = await prepare(scene)
  const before = existsSync(scene.path) ? readFileSync(scene.path, 'utf8') : undefined
  const told: Array<string> = []
  const of = { dir, file: queueFileOnDisk(dir), log }
  const notify: Powers['notify'] = ({ notice }) => void told.push(notice)
  const outcome = await refresh(of, { ...allowed, notify }, { current: () => state })
  const after = existsSync(scene.path) ? readFileSync(scene.path, 'utf8') : undefined
  const holds = after === queueFileText(state) ? 'the state' : after === before ? 'what it had' : 'something else'
  const kept = [editedFileName, aheadFileName].filter(name => existsSync(join(dir, name)))
  return [outcome, after === undefined ? 'nothing' : holds, ...told, ...kept]
}

const isKept = ['QueueFileEdited', editedFileName]
const wentBack = ['LogWentBack', aheadFileName]

describe('a refresh of queue.json', () => {
  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is missing', absent, ['fresh', 'the state']],
    ['is up to date', current, ['fresh', 'the state']],
    ['is of an earlier event', behind, ['fresh', 'the state']],
    ['was not stamped by the process that wrote it', unstamped, ['fresh', 'the state']],
    ['was edited', edited, ['fresh', 'the state', ...isKept]],
    ['was written by a process that knows more', newer, ['fresh', 'what it had']],
    ['is of a log that was restored since', putBack, ['fresh', 'the state', ...wentBack]],
    ['is of another log', replaced, ['fresh', 'the state', ...wentBack]],
  ])('writes it, and keeps foreign content, if it %s', async (_how, prepare, expected) => {
    expect(await refreshed(prepare, powers)).toEqual(expected)
  })

  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is missing', absent, ['behind', 'nothing']],
    ['is up to date', current, ['fresh', 'the state']],
    ['is of an earlier event', behind, ['behind', 'what it had']],
    ['was not stamped by the process that wrote it', unstamped, ['behind', 'what it had']],
    ['was edited', edited, ['behind', 'nothing', ...isKept]],
    ['was written by a process that knows more', newer, ['fresh', 'what it had']],
    ['is of a log that was restored since', putBack, ['behind', 'nothing', ...wentBack]],
  ])('without permission to write leaves the writing to others if it %s', async (_how, prepare, expected) => {
    expect(await refreshed(prepare, forJudging)).toEqual(expected)
  })

  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is of an earlier event', behind, ['fresh', 'the state']],
    ['was edited', edited, ['edited', 'what it had']],
    ['is of a log that was restored since', putBack, ['edited', 'what it had']],
  ])('by the refresher leaves foreign content to the next command if it %s', async (_how, prepare, expected) => {
    expect(await refreshed(prepare, forRefresher)).toEqual(expected)
  })

  it('does not write a text that is too large, and marks its size', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'claimlog-states-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const long = added('long', 'docs', { payload: 'x'.repeat(5 * 1024 * 1024) })
    const held = buildLog(at(0, opened(), long))
    const of = { dir, file: queueFileOnDisk(dir), log: await logWith(held) }
    const state = fold(emptyState(), held)
    const outcome = await refresh(of, { ...powers, notify: () => undefined }, { current: () => state })
    expect([outcome, existsSync(join(dir, queueFileName))]).toEqual(['too large', false])
    expect(of.file.readSizeMark()).toEqual({ size: 'large', open: 1, told: false } satisfies SizeMark)
  })
})

describe('the expected size', () => {
  const mib = 1024 * 1024
  it.each([
    ['of an existing file', 5 * mib, undefined, 1, 'large'],
    ['of few tasks and no file', 0, undefined, 50_000, 'small'],
    ['of more tasks than a small text can have, and no file', 0, undefined, 60_000, 'large'],
    ['of a text that was too large', 0, { size: 'large', open: 10, told: false } satisfies SizeMark, 1, 'large'],
    ['of a text that was far too large', 0, { size: 'huge', open: 10, told: false } satisfies SizeMark, 9, 'huge'],
    [
      'of such a text with clearly fewer tasks',
      0,
      { size: 'huge', open: 10, told: false } satisfies SizeMark,
      8,
      'large',
    ],
  ] as const)('%s', (_what, bytes, mark, open, expected) => {
    expect(expectSize(bytes, mark, open)).toBe(expected)
  })
})
