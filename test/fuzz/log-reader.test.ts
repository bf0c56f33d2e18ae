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
import { toDocument } from '@claimlog/wire'
import { scanIndices, dumpIndices } from '@claimlog/domain/testing'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { pickCommand } from './pick-command.ts'
import { type Dice, fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { mutateBytes, mutateLog } from './mutation.ts'
import { memoryPath, type LogReadResult, readBytes } from './read-bytes.ts'
import { renderError, renderAllViews, findHiddenCharacter } from './rendered-text.ts'
import { chainLines, noonMs, formatRawLine, generateLog } from './generate-log.ts'

/** Fails if a terminal would obey or hide something in `texts`. */
const expectAllVisible = (texts: ReadonlyArray<string>): void => {
  const hiddenText = texts.map(findHiddenCharacter).find(hidden => hidden !== undefined)
  expect(hiddenText).toBeUndefined()
}

/** Checks what holds for every read, whatever the bytes are. */
const expectWholeDecisions = ({ batches, events, seq, failure }: LogReadResult): void => {
  expect(events.map(event => event.seq)).toEqual(Array.from({ length: seq }, (_, i) => i + 1))
  for (const batch of batches) expect(batch.at(-1)?.more).toBeUndefined()
  if (failure === undefined) return
  expect(failure).toMatchObject({
    failure: expect.stringMatching(/^(LogDamaged|UnknownFormat)$/) as string,
    path: memoryPath,
  })
  expect((failure as { line: number }).line).toBeGreaterThan(seq)
  expectAllVisible(renderError(failure))
}

/** The fields of a line and their values, sorted by name. */
const sortFields = (line: string): string =>
  JSON.stringify(Object.entries(JSON.parse(line) as object).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Checks that the read events have all fields of their lines, also unknown ones. */
const expectNothingLost = (bytes: Buffer, events: ReadonlyArray<Event>): void => {
  const lines = bytes.toString().split('\n').slice(0, events.length)
  expect(events.map(event => sortFields(encodeEvent(event)))).toEqual(lines.map(sortFields))
}

/** A time for a command: around the time of the log or, now and then, at an edge of the calendar. */
const pickTime = (dice: Dice): number =>
  dice.chance(80) ? noonMs + dice.between(0, 200) * 60_000 : dice.pick([0, Date.UTC(8999, 11, 31), Date.now()])

/** The whole state as text, because long texts are compared fast. */
const formatState = (state: State): string =>
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
  const encodedEvent = encodeEvent(event)
  const readResult = decodeEvent(JSON.parse(encodedEvent))
  expect(E.isLeft(readResult) ? { read: readResult, written: encodedEvent } : encodeEvent(readResult.right)).toEqual(
    encodedEvent,
  )
}

const expectIndexesCorrect = (state: State): void => {
  expect(dumpIndices(state).join('\n')).toBe(scanIndices(state).join('\n'))
}

/** Decides `command` and returns the resulting state; checks that its events can be read back. */
const decideAndFold = (state: State, command: Command, consistent: boolean): State => {
  const decision = decide(command, state)
  if (E.isLeft(decision)) {
    expectAllVisible(renderError(decision.left))
    return state
  }
  const { events } = decision.right
  if (decision.right._tag === 'RefusedWithEvents') expectAllVisible(renderError(decision.right.refusal))
  let nextState = state
  for (const event of events) {
    expect(event).toMatchObject({ seq: nextState.seq + 1 })
    expectReadable(event)
    if (consistent) expect(invariantViolation(nextState, event)).toBeUndefined()
    expectFreeToClaim(nextState, event)
    nextState = fold(nextState, [event])
  }
  return nextState
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
  let nextState = state
  const claimAll = (worker: string): ReadonlyArray<string> => {
    const lastSeq = nextState.seq
    nextState = decideAndFold(
      nextState,
      { command: 'claim', worker, kinds: [], count: 1000, leaseMs: 60_000, nowMs },
      consistent,
    )
    return allTasks(nextState).flatMap(({ id, claim }) => (claim !== undefined && claim.token > lastSeq ? [id] : []))
  }
  const claimedIds = claimAll('eve')
  expect(claimAll('mallory').filter(id => claimedIds.includes(id))).toEqual([])
  return nextState
}

/** Checks what holds for every accepted log, whatever its content. */
const expectSoundState = (dice: Dice, events: ReadonlyArray<Event>): void => {
  const { state, consistent } = foldOneByOne(events)
  const cut = dice.between(0, events.length)
  expect(formatState(fold(fold(emptyState(), events.slice(0, cut)), events.slice(cut)))).toBe(formatState(state))
  expectIndexesCorrect(state)
  for (const event of events) expectReadable(event)
  expect(JSON.stringify(JSON.parse(queueFileText(state)))).toBe(JSON.stringify(toDocument(queueFile(state))))

  const earlierState = fold(emptyState(), events.slice(0, cut))
  let nowMs = pickTime(dice)
  if (dice.chance(40)) expectAllVisible(renderAllViews(earlierState, state, events, nowMs))
  let nextState = state
  for (let commandsLeft = 6; commandsLeft > 0; commandsLeft -= 1) {
    nextState = decideAndFold(nextState, pickCommand(dice, nextState, nowMs), consistent)
    nowMs += dice.pick([0, 1, 900_000])
  }
  nextState = expectOneWinnerEach(nextState, nowMs, consistent)
  expectIndexesCorrect(nextState)
}

describe('a log that is not what claimlog wrote', () => {
  it(
    'is read up to the last decision before the first changed byte',
    async () => {
      await fuzz(600, dice => {
        const bytes = chainLines(generateLog(dice).lines.map(formatRawLine))
        const validRead = readBytes(bytes)
        expect(validRead.failure).toBeUndefined()
        const readResult = readBytes(mutateBytes(dice, bytes))
        expectWholeDecisions(readResult)
        expect(JSON.stringify(readResult.events)).toBe(JSON.stringify(validRead.events.slice(0, readResult.seq)))
      })
    },
    fuzzTimeoutMs,
  )

  it(
    'is accepted if its chain is right, and can be shown and used, whatever its content',
    async () => {
      await fuzz(500, dice => {
        const { lines } = generateLog(dice)
        for (let mutantsLeft = 3; mutantsLeft > 0; mutantsLeft -= 1) {
          const bytes = chainLines(mutateLog(dice, lines))
          const readResult = readBytes(bytes)
          expectWholeDecisions(readResult)
          expectNothingLost(bytes, readResult.events)
          expectSoundState(dice, readResult.events)
        }
      })
    },
    fuzzTimeoutMs,
  )
})
