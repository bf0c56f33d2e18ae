import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyState, type Event, fold, type State, type TaskId, eventTaskId } from '@claimlog/domain'
import {
  added,
  anyStep,
  at,
  initialEvents,
  cancelled,
  claimed,
  completed,
  held,
  buildLog,
  noted,
  opened,
  retried,
  runSteps,
} from '@claimlog/domain/testing'
import { queueFileText } from './queue-file-text.ts'
import { updateQueueFileText } from './update-text.ts'

const seed = 20_250_101

const changedTaskIds = (events: ReadonlyArray<Event>): ReadonlySet<TaskId> =>
  new Set(events.map(eventTaskId).filter(id => id !== undefined))

/** The text after `later`, made from that after `earlier`, and the whole text. */
const updatedAndWholeText = (
  earlier: ReadonlyArray<Event>,
  later: ReadonlyArray<Event>,
): readonly [string | undefined, string] => {
  const earlierState = fold(emptyState(), earlier)
  const [old, oldSeq] = [queueFileText(earlierState), earlierState.seq]
  const state = fold(earlierState, later)
  return [updateQueueFileText(old, oldSeq, state, changedTaskIds(later)), queueFileText(state)]
}

describe('queue.json made from an earlier one', () => {
  it(`is the whole text to the byte, whatever happened in between (seed ${seed})`, () => {
    let updatedCount = 0
    let notUpdatedCount = 0
    const property = (steps: Parameters<typeof runSteps>[0]): void => {
      const first = fold(emptyState(), initialEvents)
      const texts = [{ text: queueFileText(first), seq: first.seq, events: 0 }]
      const events: Array<Event> = []
      runSteps(steps, ({ decided, state }) => {
        if (E.isRight(decided)) events.push(...decided.right.events)
        const text = queueFileText(state)
        for (const behind of [1, 2, 5, 20]) {
          const old = texts.at(-behind)
          if (old === undefined) continue
          const updatedText = updateQueueFileText(old.text, old.seq, state, changedTaskIds(events.slice(old.events)))
          if (updatedText === undefined) notUpdatedCount += 1
          else expect(updatedText).toBe(text)
          updatedCount += 1
        }
        texts.push({ text, seq: state.seq, events: events.length })
      })
    }
    fc.assert(fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), property), {
      seed,
      numRuns: 300,
    })
    expect(updatedCount).toBeGreaterThan(5000)
    expect(notUpdatedCount).toBe(0)
  })

  it(`keeps the 1,000 tasks finished last, like the whole text (seed ${seed})`, () => {
    const ids = Array.from({ length: 1004 }, (_, i) => `t${i}`)
    const open = at(0, opened(), ...ids.map(id => added(id, 'docs')), added('open', 'docs', { needs: ['t0'] }))
    const start = fc.integer({ min: 995, max: 1004 })
    const anyId = fc.oneof(fc.constantFrom('t0', 't1', 't1003', 'open'), fc.constantFrom(...ids))
    const step = fc.oneof(
      { weight: 5, arbitrary: anyId.map(id => cancelled(id)) },
      { weight: 1, arbitrary: anyId.map(id => retried(id)) },
      { weight: 1, arbitrary: anyId.map(id => completed('ann', id, 1)) },
      { weight: 1, arbitrary: anyId.map(id => noted(id, 'n')) },
      { weight: 2, arbitrary: fc.nat({ max: 9 }).map(n => added(`new${n}`, 'docs')) },
    )
    let updatedCount = 0
    fc.assert(
      fc.property(start, fc.array(step, { minLength: 1, maxLength: 6 }), (finished, steps) => {
        const before = buildLog(open, at(1, ...ids.slice(0, finished).map(id => cancelled(id))))
        const log = buildLog(open, at(1, ...ids.slice(0, finished).map(id => cancelled(id))), at(2, ...steps))
        const [updatedText, whole] = updatedAndWholeText(before, log.slice(before.length))
        if (updatedText === undefined) return
        updatedCount += 1
        expect(updatedText === whole).toBe(true)
      }),
      { seed, numRuns: 60 },
    )
    expect(updatedCount).toBeGreaterThan(30)
  })

  it('finds tasks by their own lines, whatever other tasks contain', () => {
    const odd = { id: 'b', ' ': '    {\n      "id": "b",\n', status: 'done', list: [{ id: 'b', task_id: 'b' }] }
    const before = buildLog(
      at(0, opened(), added('a', 'docs', { payload: odd, title: ',\n    {\n      "id": "b",\n' }), added('b', 'docs')),
    )
    const log = buildLog(
      at(0, opened(), added('a', 'docs', { payload: odd, title: ',\n    {\n      "id": "b",\n' }), added('b', 'docs')),
      at(1, claimed('ann', 'b', { until: 16 }), held('b', '"claims": [')),
    )
    const [updatedText, whole] = updatedAndWholeText(before, log.slice(before.length))
    expect(updatedText).toBe(whole)
  })

  it('is not made from a text of another form, nor after too many changes', () => {
    const before = buildLog(at(0, opened(), added('a', 'docs')))
    const state: State = fold(emptyState(), before)
    const text = queueFileText(state)
    const after = fold(state, [{ ...(added('b', 'docs') as Event), seq: 3, time: state.time }])
    const changed = new Set(['b'])
    const whole = queueFileText(after)
    expect(updateQueueFileText(text, 2, after, changed)).toBe(whole)
    const odd = [
      '',
      '{}',
      text.slice(1),
      text.slice(0, -1),
      text.replace('"tasks"', '"task"'),
      text.replace('    {', '   {'),
    ]
    for (const oddText of [...odd, text.replace('"seq": 2', '"seq": 1')])
      expect(updateQueueFileText(oddText, 2, after, changed)).toBeUndefined()
    const many = new Set(Array.from({ length: 101 }, (_, i) => `m${i}`))
    expect(updateQueueFileText(text, 2, after, many)).toBeUndefined()
    expect(updateQueueFileText(text.replace('"id": "a"', '"id": "z"'), 2, after, new Set(['a']))).toBeUndefined()
  })
})
