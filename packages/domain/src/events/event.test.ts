import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { decodeEvent, encodeEvent } from './index.ts'

const time = '2025-01-01T12:00:00.000Z'
const end = `"time":"${time}","hash":"0123456789abcdef0123456789abcdef"}`

/** A line of each event, with every possible field. */
const lines: Record<string, string> = {
  opened:
    '{"seq":1,"event":"opened","format":1,"workspace":"6f1cbb1e-7d52-4a0e-9a41-0d8f3f5b7c11","lease_ms":900000,' +
    `"max_attempts":3,"backoff":{"first_ms":10000,"max_ms":3600000},${end}`,
  added:
    '{"seq":2,"event":"added","task_id":"t","kind":"docs","title":"A \\"title\\"","payload":{"z":[1,null,-0.5],"a":{}},' +
    `"needs":["a","b"],"priority":0,"not_before":"${time}","max_attempts":1,` +
    '"backoff":{"first_ms":1,"max_ms":2},"lease_ms":null,"key":"k","tags":["x","y"],"by":"ann","request_id":"r-1",' +
    `"time":"${time}","more":true,"hash":"0123456789abcdef0123456789abcdef"}`,
  claimed: `{"seq":3,"event":"claimed","worker":"ann","task_id":"t","attempt":1,"lease_until":"${time}",${end}`,
  renewed:
    '{"seq":4,"event":"renewed","worker":"ann","task_id":"t","token":3,"lease_until":null,"progress":{"pages":3},' +
    end,
  completed: `{"seq":5,"event":"completed","worker":"ann","task_id":"t","token":3,"result":null,${end}`,
  failed: `{"seq":6,"event":"failed","worker":"ann","task_id":"t","token":3,"error":"no\\nluck","retry_at":null,"stack":"at f",${end}`,
  released: `{"seq":7,"event":"released","worker":"ann","task_id":"t","token":3,"reason":"\\ud800",${end}`,
  held: `{"seq":8,"event":"held","task_id":"t","reason":"ask","by":"eve",${end}`,
  unheld: `{"seq":9,"event":"unheld","task_id":"t","reason":"asked","by":"eve",${end}`,
  cancelled: `{"seq":10,"event":"cancelled","task_id":"t","reason":"old",${end}`,
  retried: `{"seq":11,"event":"retried","task_id":"t","reason":"again",${end}`,
  amended: `{"seq":12,"event":"amended","task_id":"t","kind":"ci","title":"new","priority":9,${end}`,
  noted: `{"seq":13,"event":"noted","task_id":"t","text":"a remark",${end}`,
  paused: `{"seq":14,"event":"paused","kind":"docs","reason":"night",${end}`,
  resumed: `{"seq":15,"event":"resumed","kind":"docs","reason":"day",${end}`,
  limited: `{"seq":16,"event":"limited","kind":"docs","limit":2,${end}`,
  repaired:
    '{"seq":17,"event":"repaired","quarantine":"events.quarantine.1","reason":"it is not JSON","offset":0,' +
    `"bytes":300,"sha256":"f0","by":"eve",${end}`,
  moved: `{"seq":18,"event":"moved","target":"postgres://db/claimlog","log_id":"b7c1","by":"eve",${end}`,
}

const readLine = (line: string) => decodeEvent(JSON.parse(line))
const copyLine = (line: string): string => {
  const event = readLine(line)
  return E.isRight(event) ? encodeEvent(event.right) : JSON.stringify(event.left)
}
const malformed = (detail: string) => E.left({ _tag: 'Malformed', detail })

describe.each(Object.entries(lines))('the event %s', (name, line) => {
  it('is written as it was read, byte for byte', () => {
    expect(copyLine(line)).toBe(line)
  })

  it('keeps fields that a newer version added', () => {
    const extendedLine = line.replace(
      ',"time"',
      ',"colour":{"r":1},"snake_case":[1],"__proto__":{"polluted":true},"time"',
    )
    expect(copyLine(extendedLine)).toBe(extendedLine)
    const event = readLine(extendedLine)
    expect(E.isRight(event) && Object.getPrototypeOf(event.right)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>).polluted).toBe(undefined)
  })

  it('is malformed without any one of its required fields, which is named', () => {
    const whole = JSON.parse(line) as Record<string, unknown>
    const optional = ['title', 'payload', 'needs', 'priority', 'not_before', 'key', 'tags', 'by', 'request_id', 'more']
    optional.push('hash', 'progress', 'result', 'reason', 'offset', 'bytes', 'sha256', 'stack', 'log_id')
    if (name !== 'opened') optional.push('max_attempts', 'backoff', 'lease_ms')
    if (name === 'amended') optional.push('kind')
    for (const field of Object.keys(whole)) {
      if (field === 'event' || field === 'format') continue
      const decoded = decodeEvent(Object.fromEntries(Object.entries(whole).filter(([key]) => key !== field)))
      if (optional.includes(field)) expect(E.isRight(decoded)).toBe(true)
      else {
        expect(decoded).toMatchObject({ left: { _tag: 'Malformed' } })
        expect(E.isLeft(decoded) && decoded.left.detail).toMatch(new RegExp(`^${name}: .*needs "${field}"$`))
      }
    }
  })

  it('is malformed if a field has the wrong type, except text and payloads, and the field is named', () => {
    const whole = JSON.parse(line) as Record<string, unknown>
    const freeFields = ['payload', 'progress', 'result', 'event', 'format']
    for (const field of Object.keys(whole).filter(key => !freeFields.includes(key)))
      for (const value of [Number.NaN, [[]], { a: 1 }, -1, 1.5, false]) {
        const decoded = decodeEvent({ ...whole, [field]: value })
        expect(decoded).toMatchObject({ left: { _tag: 'Malformed' } })
        expect(E.isLeft(decoded) && decoded.left.detail).toContain(`${name}: ${field}`)
      }
  })
})

describe('an event that this version does not know', () => {
  it.each(['approved', '', '__proto__', 'toString', 'Added'])('is unknown and named: %j', event => {
    expect(decodeEvent({ seq: 2, event, time })).toEqual(
      E.left({ _tag: 'Unknown', detail: `the event ${JSON.stringify(event)} is not known to this version` }),
    )
  })

  it.each([2, 0, '1', null, [1]])('is unknown if it opens a log of the format %j', format => {
    const opened = { ...(JSON.parse(lines.opened ?? '') as object), format, whatever: 1, lease_ms: 'PT15M' }
    expect(decodeEvent(opened)).toEqual(
      E.left({ _tag: 'Unknown', detail: `format ${JSON.stringify(format)} is not known to this version` }),
    )
  })
})

describe('a line that is not an event', () => {
  it.each([null, [], 1, 'added', true, {}, { event: 1 }, { event: null }, [{ event: 'added' }]])('%j', json => {
    expect(decodeEvent(json)).toEqual(malformed('it has no event name'))
  })

  it('is `opened` anywhere but in line 1, or any other event in line 1', () => {
    const reason = 'line 1 and no other line must be the event "opened"'
    expect(readLine((lines.opened ?? '').replace('"seq":1', '"seq":2'))).toEqual(malformed(reason))
    expect(readLine((lines.noted ?? '').replace('"seq":13', '"seq":1'))).toEqual(malformed(reason))
  })

  it.each([
    ['seq', 0],
    ['seq', 2 ** 53],
    ['seq', '4'],
    ['token', 0],
    ['lease_until', '2025-01-01T12:00:00Z'],
    ['lease_until', '2025-01-01T12:00:00.000+00:00'],
    ['lease_until', '2025-13-01T12:00:00.000Z'],
    ['lease_until', '2025-01-01T24:00:00.000Z'],
    ['lease_until', '2025-01-01T12:00:00.000Z\n'],
    ['lease_until', '+12025-01-01T12:00:00.000Z'],
    ['worker', 'a b'],
    ['worker', null],
    ['task_id', ''],
    ['task_id', ['t']],
    ['more', false],
    ['progress', Number.NaN],
    ['progress', [Infinity]],
  ])('is a renewal whose %s is %j', (field, value) => {
    const decoded = decodeEvent({ ...(JSON.parse(lines.renewed ?? '') as object), [field]: value })
    expect(E.isLeft(decoded) && decoded.left.detail).toContain(`renewed: ${field} must be`)
  })

  it('is explained with the path inside a list or an object', () => {
    const task = JSON.parse(lines.added ?? '') as object
    const problems = [
      { needs: ['a', 'b c'] },
      { backoff: { first_ms: 1 } },
      { tags: [1] },
      { needs: { length: 1 } },
    ].map(field => {
      const decoded = decodeEvent({ ...task, ...field })
      return E.isLeft(decoded) ? decoded.left.detail : 'it is an event'
    })
    expect(problems[0]).toContain('added: needs.1 must be a task id')
    expect(problems[1]).toMatch(/^added: backoff.* needs "max_ms"$/)
    expect(problems[2]).toContain('added: tags.0 must be a label')
    expect(problems[3]).toContain('added: needs must be')
  })

  it('has a field in camelCase, which would be confused with a known field', () => {
    const decoded = readLine((lines.claimed ?? '').replace('"task_id"', '"taskId":"u","task_id"'))
    expect(decoded).toEqual(malformed('claimed: has a field "taskId", which must be in snake_case'))
  })
})
