import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyState, type Event, fold, invariantViolation, lineCodec, timeFromMs } from '@claimlog/domain'
import { statusView } from '@claimlog/wire'
import { scanFileLog } from '@claimlog/event-log-file'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unwrapRight } from './bench-queue.ts'
import { makeLog } from './log-maker.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'claimlog-log-maker-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('a generated log is one that commands could have written: chained, and each event valid after those before it', async () => {
  const events = makeLog(join(dir, 'made'), [
    { kind: 'other', tasks: 3, done: 0 },
    { kind: 'docs', tasks: 2500, done: 2400 },
  ])
  expect(events).toBe(1 + 3 + 2500 + 2 * 2400)
  let state = emptyState()
  const violations: Array<unknown> = []
  unwrapRight(
    await scanFileLog<Event>({ dir: join(dir, 'made'), codec: lineCodec }, batch => {
      for (const event of batch) {
        const violation = invariantViolation(state, event)
        if (violation !== undefined) violations.push(violation)
        state = fold(state, [event])
      }
    })(),
  )
  expect(violations).toEqual([])
  expect(state.seq).toBe(events)
  const { kinds, claims } = statusView(state, timeFromMs(Date.UTC(2030, 0, 1)))
  expect(claims).toEqual([])
  expect(kinds).toMatchObject([
    { kind: 'other', ready: 3, done: 0 },
    { kind: 'docs', ready: 100, done: 2400 },
  ])
})
