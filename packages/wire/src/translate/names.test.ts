import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { Json } from '@claimlog/codecs'
import { decodeEvent, encodeEvent } from '@claimlog/domain'
import {
  add,
  added,
  at,
  claim,
  claimed,
  completed,
  given,
  buildLog,
  opened,
  buildState,
} from '@claimlog/domain/testing'
import { statusView } from './status.ts'

describe('a name with a special meaning in JavaScript', () => {
  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'])('is a valid name: %s', name => {
    const log = buildLog(
      at(
        0,
        opened(),
        added(name, name, { key: name, tags: [name], payload: JSON.parse(`{"${name}":{"x":1}}`) as Json }),
      ),
      at(0, added('t', name, { needs: [name] }), claimed(name, name), completed(name, name, 4)),
    )
    const state = buildState(log)
    const read = log.map(event => decodeEvent(JSON.parse(encodeEvent(event))))
    expect(read.map(event => (E.isRight(event) ? encodeEvent(event.right) : event))).toEqual(log.map(encodeEvent))
    expect(statusView(state, state.time).kinds).toEqual([
      { kind: name, ready: 1, claimed: 0, blocked: 0, done: 1, failed: 0, cancelled: 0 },
    ])
    given(log)
      .when(add({ kind: 'docs', key: name }), 1)
      .thenNothing({ taskIds: [name], seq: 2 })
    given(log)
      .when(claim(name, name), 1)
      .then(at(1, claimed(name, 't', { until: 16 })))
    expect(({} as Record<string, unknown>).x).toBe(undefined)
  })
})
