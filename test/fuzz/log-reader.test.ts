import {
  allTasks,
  type Command,
  decide,
  decodeEvent,
  emptyState,
  encodeEvent,
  type Event,
  findTask,
  fold,
  invariantViolation,
  isLive,
  type State,
  advanceTimeline,
} from '@claimlog/domain'
import { queueFile, queueFileText } from '@claimlog/queue-file'
import { scanIndices, dumpIndices } from '@claimlog/domain/testing'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { anyCommand } from './any-command.ts'
import { type Dice, fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { hostileBytes, hostileLines } from './mutation.ts'
import { pathInMemory, type Read, readBytes } from './read-bytes.ts'
import { problemTexts, shownTexts, unseenIn } from './shown-text.ts'
import { chained, noonMs, soundLog, textOf } from './sound-log.ts'

/** Fails if a terminal would obey or hide something in `texts`. */
const expectAllSeen = (texts: ReadonlyArray<string>): void => {
  const found = texts.map(unseenIn).find(unseen => unseen !== undefined)
  expect(found).toBeUndefined()
}

/** Checks what holds for every read, whatever the bytes are. */
const expectWholeDecisions = ({ batches, events, seq, failure }: Read): void => {
  expect(events.map(event => event.seq)).toEqual(Array.from({ length: seq }, (_, i) => i + 1))
  for (const batch of batches) expect(batch.at(-1)?.more).toBeUndefined()
  if (failure === undefined) return
  expect(failure).toMatchObject({
    failure: expect.stringMatching(/^(LogDamaged|UnknownFormat)$/) as string,
    path: pathInMemory,
  })
  expect((failure as { line: number }).line).toBeGreaterThan(seq)
  expectAllSeen(problemTexts(failure))
}

/** The fields of a line and their values, sorted by name. */
const fieldsOf = (line: string): string =>
  JSON.stringify(Object.entries(JSON.parse(line) as object).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Checks that the read events have all fields of their lines, also unknown ones. */
const expectNothingLost = (bytes: Buffer, events: ReadonlyArray<Event>): void => {
  const lines = bytes.toString().split('\n').slice(0, events.length)
  expect(events.map(event => fieldsOf(encodeEvent(event)))).toEqual(lines.map(fieldsOf))
}

/** A time for a command: around the time of the log or, now and then, at an edge of the calendar. */
const someMoment = (dice: Dice): number =>
  dice.chance(80) ? noonMs + dice.between(0, 200) * 60_000 : dice.pick([0, Date.UTC(8999, 11, 31), Date.now()])

/** The whole state as text, because long texts are compared fast. */
const textOfState = (state: State): string =>
  JSON.stringify([state.seq, state.time, state.workspace, allTasks(state), dumpIndices(state)], undefined, 1)

/** Folds events one by one; `consistent` is true if every event is valid after those before it. */
const foldOneByOne = (events: ReadonlyArray<Event>): { readonly state: State; readonly consistent: boolean } => {
  let state = emptyState()
  let consistent = true
  for (const event of events) {
    consistent = invariantViolation(state, event) === undefined && consistent
    state = fold(state, [event])
  }
  return { state, consistent }
}

/** Checks that an event can be written and read back unchanged. */
const expectReadable = (event: Event): void => {
  const written = encodeEvent(event)
  const read = decodeEvent(JSON.parse(written))
  expect(E.isLeft(read) ? { read, written } : encodeEvent(read.right)).toEqual(written)
}

const expectPlacesRight = (state: State): void => {
  expect(dumpIndices(state).join('\n')).toBe(scanIndices(state).join('\n'))
}

/** Decides `command` and returns the resulting state; checks that its events can be read back. */
const decideOn = (state: State, command: Command, consistent: boolean): State => {
  const decided = decide(command, state)
  if (E.isLeft(decided)) {
    expectAllSeen(problemTexts(decided.left))
    return state
  }
  const { events } = decided.right
  if (decided.right._tag === 'RefusedWithEvents') expectAllSeen(problemTexts(decided.right.refusal))
  let after = state
  for (const event of events) {
    expect(event).toMatchObject({ seq: after.seq + 1 })
    expectReadable(event)
    if (consistent) expect(invariantViolation(after, event)).toBeUndefined()
    expectFreeToClaim(after, event)
    after = fold(after, [event])
  }
  return after
}

/** Checks that no claim is granted on a task with a live claim. */
const expectFreeToClaim = (state: State, event: Event): void => {
  if (event.event !== 'claimed') return
  const claim = findTask(state, event.taskId)?.claim
  const { time } = advanceTimeline(state, event)
  expect(claim !== undefined && isLive(claim, time) ? claim : undefined).toBeUndefined()
}

/** Two workers claim all tasks at the same time: no task goes to both. */
const expectOneWinnerEach = (state: State, nowMs: number, consistent: boolean): State => {
  let after = state
  const ask = (worker: string): ReadonlyArray<string> => {
    const from = after.seq
    after = decideOn(after, { command: 'claim', worker, kinds: [], count: 1000, leaseMs: 60_000, nowMs }, consistent)
    return allTasks(after).flatMap(({ id, claim }) => (claim !== undefined && claim.token > from ? [id] : []))
  }
  const won = ask('eve')
  expect(ask('mallory').filter(id => won.includes(id))).toEqual([])
  return after
}

/** Checks what holds for every accepted log, whatever its content. */
const expectSoundState = (dice: Dice, events: ReadonlyArray<Event>): void => {
  const { state, consistent } = foldOneByOne(events)
  const cut = dice.between(0, events.length)
  expect(textOfState(fold(fold(emptyState(), events.slice(0, cut)), events.slice(cut)))).toBe(textOfState(state))
  expectPlacesRight(state)
  for (const event of events) expectReadable(event)
  expect(JSON.stringify(JSON.parse(queueFileText(state)))).toBe(JSON.stringify(queueFile(state)))

  const before = fold(emptyState(), events.slice(0, cut))
  let nowMs = someMoment(dice)
  if (dice.chance(40)) expectAllSeen(shownTexts(before, state, events, nowMs))
  let after = state
  for (let left = 6; left > 0; left -= 1) {
    after = decideOn(after, anyCommand(dice, after, nowMs), consistent)
    nowMs += dice.pick([0, 1, 900_000])
  }
  after = expectOneWinnerEach(after, nowMs, consistent)
  expectPlacesRight(after)
}
describe('a log that is not what claimlog wrote', () => {
  it(
    'is read up to the last decision before the first changed byte',
    async () => {
      await fuzz(600, dice => {
        const bytes = chained(soundLog(dice).lines.map(textOf))
        const sound = readBytes(bytes)
        expect(sound.failure).toBeUndefined()
        const read = readBytes(hostileBytes(dice, bytes))
        expectWholeDecisions(read)
        expect(JSON.stringify(read.events)).toBe(JSON.stringify(sound.events.slice(0, read.seq)))
      })
    },
    fuzzTimeoutMs,
  )

  it(
    'is accepted if its chain is right, and can be shown and used, whatever its content',
    async () => {
      await fuzz(500, dice => {
        const { lines } = soundLog(dice)
        for (let mutants = 3; mutants > 0; mutants -= 1) {
          const bytes = chained(hostileLines(dice, lines))
          const read = readBytes(bytes)
          expectWholeDecisions(read)
          expectNothingLost(bytes, read.events)
          expectSoundState(dice, read.events)
        }
      })
    },
    fuzzTimeoutMs,
  )
})
