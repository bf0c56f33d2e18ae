import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyState, type Event, fold, type State } from '@claimlog/domain'
import { added, at, claimed, buildLog, opened } from '@claimlog/domain/testing'
import { type EventLog, memoryLog } from '@claimlog/event-log'
import { aheadFileName, derivedFiles, editedFileName, queueFileName, queueFileOnDisk, type SizeMark } from './disk.ts'
import { estimateSize, lockTimeoutMs, type RefreshPermissions, refresh } from './refresh.ts'
import { queueFileText } from './queue-file-text.ts'

const events = buildLog(
  at(0, opened(), added('a', 'docs'), added('b', 'docs')),
  at(1, claimed('ann', 'a', { until: 16 })),
)
const whole = fold(emptyState(), events)
const earlier = fold(emptyState(), events.slice(0, 3))

/** A log of these events, whose cursors have the form of a file's. */
const makeLog = async (logEvents: ReadonlyArray<Event>, hash = 'a'): Promise<EventLog<Event>> => {
  const log = memoryLog<Event>({ id: `0 0 ${hash}`, events: [...logEvents], listeners: new Set() })
  await log.read(0, () => undefined)()
  return log
}

const commandPermissions: Omit<RefreshPermissions, 'notify'> = {
  lockTimeoutMs,
  sizeMax: 'small',
  writes: true,
  keepsEdits: true,
}
const checkPermissions = { ...commandPermissions, writes: false }
const refresherPermissions = { ...commandPermissions, keepsEdits: false }

type FileScene = { readonly dir: string; readonly path: string; readonly write: Write }
/** Has a process that knows `state` of a log write the file. */
type Write = (state: State, log: EventLog<Event>) => Promise<void>

const fileScene = (dir: string): FileScene => ({
  dir,
  path: join(dir, queueFileName),
  write: async (state, log) => {
    const target = { dir, file: queueFileOnDisk(dir), log }
    await refresh(target, { ...commandPermissions, notify: () => undefined }, { current: () => state })
  },
})

type Prepare = (scene: FileScene) => Promise<{ readonly state: State; readonly log: EventLog<Event> }>

const prepareAbsent: Prepare = async () => ({ state: whole, log: await makeLog(events) })
const prepareCurrent: Prepare = async ({ write }) => {
  const log = await makeLog(events)
  await write(whole, log)
  return { state: whole, log }
}
const prepareStale: Prepare = async ({ write }) => {
  await write(earlier, await makeLog(events.slice(0, 3)))
  return { state: whole, log: await makeLog(events) }
}
const prepareUnstamped: Prepare = async scene => {
  const scenario = await prepareStale(scene)
  rmSync(join(scene.dir, derivedFiles.stamp))
  return scenario
}
const prepareEdited: Prepare = async scene => {
  const scenario = await prepareCurrent(scene)
  writeFileSync(scene.path, readFileSync(scene.path, 'utf8').replace('"b"', '"c"'))
  return scenario
}
const prepareNewer: Prepare = async scene => ({ ...(await prepareCurrent(scene)), state: earlier })
const prepareRestored: Prepare = async scene => {
  await prepareCurrent(scene)
  return { state: earlier, log: await makeLog(events.slice(0, 3)) }
}
const prepareReplaced: Prepare = async scene => {
  await prepareCurrent(scene)
  return { state: whole, log: await makeLog(events, 'b') }
}

/** Refreshes a file that was prepared; returns the outcome, the file's content, the notices and what was kept. */
const refreshPrepared = async (prepare: Prepare, permissions: Omit<RefreshPermissions, 'notify'>) => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-states-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const scene = fileScene(dir)
  const { state, log } = await prepare(scene)
  const before = existsSync(scene.path) ? readFileSync(scene.path, 'utf8') : undefined
  const notices: Array<string> = []
  const target = { dir, file: queueFileOnDisk(dir), log }
  const notify: RefreshPermissions['notify'] = ({ notice }) => void notices.push(notice)
  const outcome = await refresh(target, { ...permissions, notify }, { current: () => state })
  const after = existsSync(scene.path) ? readFileSync(scene.path, 'utf8') : undefined
  const content = after === queueFileText(state) ? 'the state' : after === before ? 'what it had' : 'something else'
  const keptFiles = [editedFileName, aheadFileName].filter(name => existsSync(join(dir, name)))
  return [outcome, after === undefined ? 'nothing' : content, ...notices, ...keptFiles]
}

const editNotice = ['QueueFileEdited', editedFileName]
const restoreNotice = ['LogWentBack', aheadFileName]

describe('a refresh of queue.json', () => {
  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is missing', prepareAbsent, ['fresh', 'the state']],
    ['is up to date', prepareCurrent, ['fresh', 'the state']],
    ['is of an earlier event', prepareStale, ['fresh', 'the state']],
    ['was not stamped by the process that wrote it', prepareUnstamped, ['fresh', 'the state']],
    ['was edited', prepareEdited, ['fresh', 'the state', ...editNotice]],
    ['was written by a process that knows more', prepareNewer, ['fresh', 'what it had']],
    ['is of a log that was restored since', prepareRestored, ['fresh', 'the state', ...restoreNotice]],
    ['is of another log', prepareReplaced, ['fresh', 'the state', ...restoreNotice]],
  ])('writes it, and keeps foreign content, if it %s', async (_how, prepare, expected) => {
    expect(await refreshPrepared(prepare, commandPermissions)).toEqual(expected)
  })

  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is missing', prepareAbsent, ['behind', 'nothing']],
    ['is up to date', prepareCurrent, ['fresh', 'the state']],
    ['is of an earlier event', prepareStale, ['behind', 'what it had']],
    ['was not stamped by the process that wrote it', prepareUnstamped, ['behind', 'what it had']],
    ['was edited', prepareEdited, ['behind', 'nothing', ...editNotice]],
    ['was written by a process that knows more', prepareNewer, ['fresh', 'what it had']],
    ['is of a log that was restored since', prepareRestored, ['behind', 'nothing', ...restoreNotice]],
  ])('without permission to write leaves the writing to others if it %s', async (_how, prepare, expected) => {
    expect(await refreshPrepared(prepare, checkPermissions)).toEqual(expected)
  })

  it.each<readonly [string, Prepare, ReadonlyArray<string>]>([
    ['is of an earlier event', prepareStale, ['fresh', 'the state']],
    ['was edited', prepareEdited, ['edited', 'what it had']],
    ['is of a log that was restored since', prepareRestored, ['edited', 'what it had']],
  ])('by the refresher leaves foreign content to the next command if it %s', async (_how, prepare, expected) => {
    expect(await refreshPrepared(prepare, refresherPermissions)).toEqual(expected)
  })

  it('does not write a text that is too large, and marks its size', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'claimlog-states-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const long = added('long', 'docs', { payload: 'x'.repeat(5 * 1024 * 1024) })
    const logEvents = buildLog(at(0, opened(), long))
    const target = { dir, file: queueFileOnDisk(dir), log: await makeLog(logEvents) }
    const state = fold(emptyState(), logEvents)
    const outcome = await refresh(target, { ...commandPermissions, notify: () => undefined }, { current: () => state })
    expect([outcome, existsSync(join(dir, queueFileName))]).toEqual(['too large', false])
    expect(target.file.readSizeMark()).toEqual({ size: 'large', open: 1, isNotified: false } satisfies SizeMark)
  })
})

describe('the expected size', () => {
  const mib = 1024 * 1024
  it.each([
    ['of an existing file', 5 * mib, undefined, 1, 'large'],
    ['of few tasks and no file', 0, undefined, 50_000, 'small'],
    ['of more tasks than a small text can have, and no file', 0, undefined, 60_000, 'large'],
    ['of a text that was too large', 0, { size: 'large', open: 10, isNotified: false } satisfies SizeMark, 1, 'large'],
    [
      'of a text that was far too large',
      0,
      { size: 'huge', open: 10, isNotified: false } satisfies SizeMark,
      9,
      'huge',
    ],
    [
      'of such a text with clearly fewer tasks',
      0,
      { size: 'huge', open: 10, isNotified: false } satisfies SizeMark,
      8,
      'large',
    ],
  ] as const)('%s', (_what, bytes, mark, open, expected) => {
    expect(estimateSize(bytes, mark, open)).toBe(expected)
  })
})
