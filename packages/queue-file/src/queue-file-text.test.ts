import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '@claimlog/codecs'
import { toDocument } from '@claimlog/wire'
import {
  added,
  anyStep,
  at,
  cancelled,
  claimed,
  completed,
  failed,
  held,
  buildLog,
  opened,
  buildState,
  time,
  runSteps,
} from '@claimlog/domain/testing'
import { countOpen, emptyState, fold } from '@claimlog/domain'
import { taskBytesMin } from './refresh.ts'
import { queueFile, queueFileText } from './queue-file-text.ts'

describe('queue.json', () => {
  it('is valid for a workspace without tasks', () => {
    expect(queueFileText(buildState(at(0, opened())))).toBe('{\n  "tasks": [],\n  "claims": [],\n  "seq": 1\n}\n')
  })

  it('has tasks in the order of addition and claims in the order of claiming, to the byte', () => {
    const text = queueFileText(
      buildState(
        at(0, opened(), added('run-validation', 'validation'), added('inspect-docs', 'docs', { title: 'Inspect' })),
        at(0, added('publish', 'docs', { needs: ['inspect-docs'], payload: { to: ['web'] } }), added('aside', 'docs')),
        at(1, { ...held('aside', 'ask first'), by: 'eve' }),
        at(1, claimed('ann', 'inspect-docs', { until: 16 }), claimed('bob', 'run-validation', { until: null })),
      ),
    )
    expect(text).toBe(`{
  "tasks": [
    {
      "id": "run-validation",
      "kind": "validation",
      "status": "ready"
    },
    {
      "id": "inspect-docs",
      "kind": "docs",
      "status": "ready",
      "title": "Inspect"
    },
    {
      "id": "publish",
      "kind": "docs",
      "status": "blocked",
      "payload": {
        "to": [
          "web"
        ]
      },
      "needs": [
        "inspect-docs"
      ]
    },
    {
      "id": "aside",
      "kind": "docs",
      "status": "blocked",
      "hold": {
        "since": "2025-01-01T12:01:00.000Z",
        "reason": "ask first",
        "by": "eve"
      }
    }
  ],
  "claims": [
    {
      "worker": "ann",
      "task_id": "inspect-docs",
      "token": 7,
      "lease_until": "2025-01-01T12:16:00.000Z"
    },
    {
      "worker": "bob",
      "task_id": "run-validation",
      "token": 8,
      "lease_until": null
    }
  ],
  "seq": 8
}
`)
  })

  it('shows the spec of a task, and how it ended', () => {
    const spec = {
      title: 'T',
      payload: null,
      priority: 0,
      notBefore: time(1),
      maxAttempts: 2,
      backoff: { firstMs: 1, maxMs: 2 },
      leaseMs: null,
      key: 'k',
      tags: ['x'],
    }
    const file = queueFile(
      buildState(
        at(0, opened(), added('a', 'docs', spec), added('b', 'docs'), added('c', 'docs'), added('d', 'docs')),
        at(1, claimed('ann', 'a', { until: 16 }), completed('ann', 'a', 6, { n: 1 })),
        at(1, claimed('ann', 'b', { until: 16 }), failed('ann', 'b', 8, 'no disk')),
        at(1, claimed('ann', 'c', { until: 16 }), failed('ann', 'c', 10, 'flaky', time(3)), cancelled('d')),
      ),
    )
    expect(toDocument(file)).toEqual({
      tasks: [
        {
          id: 'a',
          kind: 'docs',
          status: 'done',
          title: 'T',
          payload: null,
          priority: 0,
          not_before: time(1),
          max_attempts: 2,
          backoff: { first_ms: 1, max_ms: 2 },
          lease_ms: null,
          key: 'k',
          tags: ['x'],
          result: { n: 1 },
        },
        { id: 'b', kind: 'docs', status: 'failed', error: 'no disk' },
        { id: 'c', kind: 'docs', status: 'ready', error: 'flaky', retry_at: time(3) },
        { id: 'd', kind: 'docs', status: 'cancelled' },
      ],
      claims: [],
      seq: 12,
    })
  })

  it('uses no clock: a claim stays in it after its lease has expired', () => {
    const log = buildLog(
      at(0, opened(), added('t', 'docs'), claimed('ann', 't')),
      at(60, added('u', 'docs'), claimed('bob', 'u', { until: 75 })),
    )
    expect(queueFile(fold(emptyState(), log)).claims.map(({ taskId }) => taskId)).toEqual(['t', 'u'])
  })

  it('is written part by part with the bytes of JSON.stringify, whatever tasks contain', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '\n', '"', '\u2028', 'ready",\n  '))
    const spec = fc.record(
      {
        title: text,
        payload: fc.jsonValue({ maxDepth: 3 }).map(value => value as Json),
        needs: fc.constantFrom([], ['t0']),
        priority: fc.constantFrom(0, 9),
        notBefore: fc.constant(time(30)),
        maxAttempts: fc.constant(2),
        backoff: fc.constant({ firstMs: 1, maxMs: 2 }),
        leaseMs: fc.constantFrom(null, 1000),
        key: fc.constant('k'),
        tags: fc.constantFrom([], ['x', '"']),
      },
      { requiredKeys: [] },
    )
    const fate = fc.constantFrom('open', 'held', 'claimed', 'completed', 'failed', 'cancelled')
    const task = fc.record({
      spec: fc.oneof(fc.constant({}), spec),
      fate,
      value: fc.jsonValue().map(value => value as Json),
      kind: fc.constantFrom('docs', '"'),
    })
    fc.assert(
      fc.property(fc.array(task, { maxLength: 6 }), tasks => {
        const fates = tasks.flatMap(({ fate: taskFate, value }, i) => {
          const [id, token] = [`t${i}`, tasks.length + 2 + 2 * i]
          if (taskFate === 'open') return [cancelled('none'), cancelled('none')]
          if (taskFate === 'held') return [held(id, 'why'), cancelled('none')]
          if (taskFate === 'cancelled') return [cancelled(id), cancelled('none')]
          const endEvent =
            taskFate === 'completed' ? completed('ann', id, token, value) : failed('ann', id, token, 'flaky', time(3))
          return [
            claimed('ann', id, { until: i % 2 === 0 ? null : 16 }),
            taskFate === 'claimed' ? cancelled('none') : endEvent,
          ]
        })
        const addedEvents = tasks.map(({ kind, spec: value }, i) => added(`t${i}`, kind, value))
        const state = fold(emptyState(), buildLog(at(0, opened(), ...addedEvents), at(1, ...fates)))
        const text = queueFileText(state)
        expect(text).toBe(`${JSON.stringify(toDocument(queueFile(state)), null, 2)}\n`)
        expect(text.length).toBeGreaterThanOrEqual(countOpen(state) * taskBytesMin)
      }),
      { seed: 20_250_101, numRuns: 2000 },
    )
  })

  it('keeps all open tasks and the 1,000 tasks finished last', () => {
    const ids = Array.from({ length: 1003 }, (_, i) => `t${i}`)
    const last = ['t1', 't0', ...ids.slice(2)]
    const state = buildState(
      at(0, opened(), ...ids.map(id => added(id, 'docs')), added('open', 'docs')),
      at(1, ...last.toReversed().map(id => cancelled(id))),
    )
    const keptIds = queueFile(state).tasks.map(task => task.id)
    expect(keptIds).toHaveLength(1001)
    expect(keptIds.slice(0, 3)).toEqual(['t0', 't1', 't2'])
    expect(keptIds.slice(-3)).toEqual(['t998', 't999', 'open'])
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'])(
    'treats a name that is special to JavaScript like any other: %s',
    name => {
      const log = buildLog(
        at(
          0,
          opened(),
          added(name, name, { key: name, tags: [name], payload: JSON.parse(`{"${name}":{"x":1}}`) as Json }),
        ),
        at(0, added('t', name, { needs: [name] }), claimed(name, name), completed(name, name, 4)),
      )
      const state = buildState(log)
      expect(JSON.parse(JSON.stringify(toDocument(queueFile(state))))).toEqual({
        tasks: [
          {
            id: name,
            kind: name,
            status: 'done',
            payload: JSON.parse(`{"${name}":{"x":1}}`) as unknown,
            key: name,
            tags: [name],
          },
          { id: 't', kind: name, status: 'ready', needs: [name] },
        ],
        claims: [],
        seq: 5,
      })
    },
  )

  it('is the same if a log is folded at once or in two parts', () => {
    const property = (steps: Parameters<typeof runSteps>[0]): void => {
      const log = runSteps(steps)
      const whole = fold(emptyState(), log)
      const cut = Math.floor(log.length / 2)
      const joined = fold(fold(emptyState(), log.slice(0, cut)), log.slice(cut))
      expect(queueFileText(joined)).toBe(queueFileText(whole))
    }
    fc.assert(fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), property), {
      seed: 20_250_101,
      numRuns: 200,
    })
  })
})
