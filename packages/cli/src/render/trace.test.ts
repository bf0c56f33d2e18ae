import { expect, it } from 'vitest'
import type { TraceView } from '@claimlog/wire'
import { renderTrace } from './trace.ts'

const second = (seconds: number): string =>
  new Date(Date.parse('2025-01-01T12:00:00.000Z') + seconds * 1000).toISOString()

const view: TraceView = {
  taskId: 't',
  kind: 'docs',
  status: 'ready',
  steps: [
    { seq: 2, time: second(0), event: 'added' },
    { seq: 3, time: second(2), event: 'noted', by: 'eve', text: 'odd', phase: 'waiting', afterMs: 2000 },
    { seq: 4, time: second(5), event: 'claimed', worker: 'ann', attempt: 1, phase: 'waiting', afterMs: 3000 },
    { time: second(9), event: 'lapsed', phase: 'running', afterMs: 4000 },
    {
      ...{ seq: 5, time: second(9), event: 'failed', worker: 'ann', phase: 'retrying', afterMs: 0 },
      ...{ error: 'no luck', stack: 'HttpError\n    at work (/app/worker.mjs:3:9)', retryAt: second(19) },
    },
    {
      ...{ seq: 6, time: second(9), event: 'failed', worker: 'ann', phase: 'retrying', afterMs: 0 },
      ...{ error: 'still none', stack: 'one\ntwo\nthree\nfour\nfive\nsix' },
    },
  ],
  lanes: [{ lane: 'waiting', from: second(0), until: second(5), ms: 5000, end: 'claimed' }],
  phase: 'retrying',
  waitedMs: 5000,
  ranMs: 4000,
  retryingMs: 1000,
  heldMs: 0,
  seq: 4,
}

it('a trace is the chart of lanes, the history whose waits no note interrupts, with the first lines of stacks, and the total times', () => {
  expect(renderTrace(view).replaceAll(/\u001b\[\d+m/g, '')).toBe(`t  docs  ready

LANE     WHO  STARTED       TOOK                                           ENDED
waiting       12:00:00.000  5.0 s  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

  2025-01-01 UTC
  12:00:00.000  added  (seq 2)
  12:00:02.000  noted by eve: odd  (seq 3)
                waited 5.0 s
  12:00:05.000  claimed by ann, attempt 1, without expiry  (seq 4)
                ran 4.0 s
  12:00:09.000  the lease expired
  12:00:09.000  failed by ann: no luck; again at 12:00:19  (seq 5)
                HttpError
                    at work (/app/worker.mjs:3:9)
  12:00:09.000  failed by ann: still none; no further attempt  (seq 6)
                one
                two
                three
                four
                … 2 more lines (--json)

  waited 5.0 s, ran 4.0 s, waited for a retry 1.0 s; waiting for a retry now
`)
})
