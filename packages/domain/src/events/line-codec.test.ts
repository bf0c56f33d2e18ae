import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import type * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { decodeEvent, encodeEvent, type Event, eventCodecs, lineCodec } from './index.ts'

const seed = 20_251_125
const time = '2025-01-01T12:00:00.000Z'
const hash = '0123456789abcdef0123456789abcdef'

/** The slow path, which the fast ones must agree with. */
const toJson = (event: Event): string =>
  JSON.stringify((eventCodecs[event.event] as unknown as t.Type<Event, object>).encode(event))
const fromJson = (line: string): Event | undefined => {
  try {
    const decoded = decodeEvent(JSON.parse(line))
    return E.isRight(decoded) ? decoded.right : undefined
  } catch {
    return undefined
  }
}

const name = fc.oneof(
  fc.constantFrom(
    'ann',
    'docs-worker',
    'a-name-that-is-longer-than-thirteen',
    'ä-Ö-名前',
    '"quoted"',
    'back\\slash',
    '😀',
  ),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }),
)
const seq = fc.oneof(fc.integer({ min: 2, max: 1_000_000 }), fc.constantFrom(2, 999_999_999_999_999, 2 ** 53 - 1))
const anyTime = fc.constantFrom(
  time,
  '2025-02-28T23:59:59.999Z',
  '2025-02-30T00:00:00.000Z',
  '9000-01-01T00:00:00.000Z',
)
const extraFields = fc.constantFrom({}, {}, {}, { more: true }, { by: 'eve' }, { requestId: 'r 1' }, { colour: [1] })
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('plain', 'a "b" \\ c', '\ud800', '\u2028', ''))

const events = fc
  .oneof(
    fc.record({
      seq,
      event: fc.constant('claimed'),
      worker: name,
      taskId: name,
      attempt: fc.constantFrom(1, 2, 2 ** 53 - 1),
      leaseUntil: fc.constantFrom(null, time, '2025-02-29T00:00:00.000Z'),
    }),
    fc.record({ seq, event: fc.constant('completed'), worker: name, taskId: name, token: seq }),
    fc.record({ seq, event: fc.constant('completed'), worker: name, taskId: name, token: seq, result: fc.jsonValue() }),
    fc.record({ seq, event: fc.constant('added'), taskId: name, kind: name }),
    fc.record({ seq, event: fc.constant('added'), taskId: name, kind: name, title: text, priority: fc.nat(9) }),
    fc.record({ seq, event: fc.constant('failed'), worker: name, taskId: name, token: seq, error: text }),
  )
  .chain(event => fc.tuple(fc.constant(event), extraFields, anyTime))
  .map(([event, more, timeText]) => ({ ...event, ...more, time: timeText, hash }) as unknown as Event)

/** An event from a decision, without the fields that the log adds. */
const stripLogFields = ({ hash: _hash, more: _more, ...event }: Event): Event => event

describe('a written event', () => {
  it('is the JSON text of its record', () => {
    fc.assert(
      fc.property(events, event => {
        expect(encodeEvent(event)).toBe(toJson(event))
        const newEvent = stripLogFields(event)
        // No decision writes fields of a newer version.
        if (!('colour' in newEvent)) expect(encodeEvent(newEvent)).toBe(toJson(newEvent))
      }),
      { seed, numRuns: 2000 },
    )
  })
})

describe('a plain line', () => {
  const line = (event: string): string => `{"seq":7,"event":${event},"time":"${time}","hash":"${hash}"}`

  it.each([
    line('"claimed","worker":"ann","task_id":"a-task-with-a-long-name","attempt":1,"lease_until":null'),
    line(`"claimed","worker":"ann","task_id":"t","attempt":12,"lease_until":"${time}"`),
    line('"completed","worker":"a+b@c","task_id":"t/1#2","token":3'),
    line('"added","task_id":"t","kind":"docs"'),
    line('"added","task_id":"t","kind":"docs"').replace(',"hash"', ',"more":true,"hash"'),
  ])('is read without JSON: %s', plain => {
    expect(lineCodec.readPlain(plain)).toStrictEqual(fromJson(plain))
  })

  it('is read the same by both paths, or left to the slow one', () => {
    fc.assert(
      fc.property(events, event => {
        const written = encodeEvent(event)
        const read = lineCodec.readPlain(written)
        if (read !== undefined) expect(read).toStrictEqual(fromJson(written))
      }),
      { seed, numRuns: 2000 },
    )
  })

  it('that was changed anywhere is never read differently from JSON', () => {
    const change = fc.record({
      offset: fc.nat(),
      cutLength: fc.nat(3),
      insertion: fc.constantFrom(
        '',
        '"',
        '\\',
        '0',
        '-',
        ' ',
        ',',
        '}',
        '"x":1,',
        '\u0000',
        '9',
        'more',
        '1.0',
        'e1',
        'null',
      ),
    })
    fc.assert(
      fc.property(events, change, (event, { offset, cutLength, insertion }) => {
        const written = encodeEvent(event)
        // The log checks the hash before the line is read.
        const start = offset % (written.length - hash.length - 5)
        const changed = written.slice(0, start) + insertion + written.slice(start + cutLength)
        const read = lineCodec.readPlain(changed)
        if (read !== undefined) expect(read).toStrictEqual(fromJson(changed))
      }),
      { seed, numRuns: 20_000 },
    )
  })
})
