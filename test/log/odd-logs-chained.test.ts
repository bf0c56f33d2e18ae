import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { fullLog } from './full-log.ts'
import { sealed, withLines } from './log-lines.ts'
import { ask, askAll, directoryWith, expectRead, expectStopped, filesOf, looks } from './odd-log.ts'

const time = '"time":"2025-01-02T00:00:00.000Z"'
const opened = (more = '') =>
  `{"seq":1,"event":"opened","format":1,"workspace":"w","lease_ms":1,"max_attempts":1,` +
  `"backoff":{"first_ms":1,"max_ms":1}${more},${time}}`
const noted = (more = '') => `{"seq":201,"event":"noted","task_id":"a","text":"x"${more},${time}}`
const added = (more: string) => `{"seq":201,"event":"added","task_id":"odd","kind":"k"${more},${time}}`

/** Nested so deep that a recursive function overflows the stack. */
const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

const notJson = 'must be a JSON value, at most 100 levels deep'
const notFirst = 'line 1 and no other line must be the event "opened"'

describe('a line that is correctly chained to a valid log and', () => {
  it.each([
    { what: 'is not JSON', json: `{"seq":201,"event":,${time}}`, says: 'it is not JSON' },
    { what: 'skips a seq', json: noted().replace('201', '202'), says: 'its seq is 202, not 201' },
    { what: 'has a seq that is text', json: noted().replace('201', '"201"'), says: 'its seq is 201, not 201' },
    { what: 'has no seq', json: noted().replace('"seq":201,', ''), says: 'its seq is undefined, not 201' },
    { what: 'has a seq that is an object', json: noted().replace('201', '{"toString":1}'), says: 'its seq is' },
    { what: 'has a seq nested 10,000 deep', json: noted().replace('201', deep), says: 'its seq is' },
    { what: 'opens the log again', json: opened().replace('"seq":1', '"seq":201'), says: notFirst },
    { what: 'has no event name', json: `{"seq":201,${time}}`, says: 'it has no event name' },
    {
      what: 'has an event name nested 10,000 deep',
      json: `{"seq":201,"event":${deep},${time}}`,
      says: 'it has no event name',
    },
    { what: 'lacks a field', json: `{"seq":201,"event":"noted","task_id":"a",${time}}`, says: 'noted: needs "text"' },
    { what: 'has a field in camelCase', json: noted(',"taskId":"b"'), says: 'must be in snake_case' },
    { what: 'has more: false', json: noted(',"more":false'), says: 'noted: more' },
    { what: 'has more twice, with both values', json: noted(',"more":true,"more":false'), says: 'noted: more' },
    { what: 'has half a surrogate pair in a name', json: noted().replace('"a"', '"\\ud800"'), says: 'noted: task_id' },
    { what: 'has a number that is too large', json: added(',"payload":1e400'), says: notJson },
    { what: 'has a payload nested 10,000 deep', json: added(`,"payload":${deep}`), says: notJson },
  ])('$what stops every reader and writer there', async ({ json, says }) => {
    const sound = await fullLog()
    const stop = { failure: 'LogDamaged', line: 201, offset: sound.length, says } as const
    await expectStopped(withLines(sound, json), sound.toString(), stop)
  })

  it.each([
    { what: 'is an unknown event', json: noted().replace('noted', 'approved'), says: 'the event "approved"' },
    { what: 'is an event named __proto__', json: noted().replace('noted', '__proto__'), says: 'the event "__proto__"' },
    {
      what: 'is an event whose name is a terminal escape sequence',
      json: noted().replace('noted', '\\u001b[31m'),
      says: 'the event "\\u001b[31m"',
    },
  ])('$what stops every reader and writer with its name', async ({ json, says }) => {
    const sound = await fullLog()
    const stop = { failure: 'UnknownFormat', line: 201, offset: sound.length, says } as const
    await expectStopped(withLines(sound, json), sound.toString(), stop)
  })

  it('contradicts the lines before it is read by every command except verify, which reports it', async () => {
    const sound = await fullLog()
    const bytes = withLines(sound, noted().replace('"a"', '"never-added"'))
    const dir = directoryWith(bytes)
    const [listed, verified, status] = await askAll(dir, looks)
    expect([listed?.exit, status?.exit]).toEqual([0, 0])
    const path = join(dir, logFileName)
    const message = expect.stringContaining('there is no task never-added') as string
    expect(verified).toMatchObject({
      exit: 7,
      printed: { ok: false, error: 'log_damaged', message, path, line: 201, offset: sound.length },
    })
    expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
  })
})

describe('a first line that', () => {
  it.each([
    { what: 'has the seq 2', json: opened().replace('"seq":1', '"seq":2'), says: 'its seq is 2, not 1' },
    { what: 'is not opened', json: noted().replace('201', '1'), says: notFirst },
    { what: 'has a field name in capitals', json: opened().replace('lease_ms', 'LEASE_MS'), says: 'lease_ms' },
  ])('$what stops every reader and writer there', async ({ json, says }) => {
    const bytes = Buffer.from(sealed('', json))
    await expectStopped(bytes, '', { failure: 'LogDamaged', line: 1, offset: 0, says })
  })

  it.each([
    { what: 'opens a log with format 2', format: '2', says: 'format 2 is not known' },
    { what: 'opens a log without a format', format: 'null', says: 'format null is not known' },
    { what: 'opens a log with a format nested 10,000 deep', format: deep, says: 'is not known' },
  ])('$what stops every reader and writer with the format', async ({ format, says }) => {
    const bytes = Buffer.from(sealed('', opened().replace('"format":1', `"format":${format}`)))
    await expectStopped(bytes, '', { failure: 'UnknownFormat', line: 1, offset: 0, says })
  })
})

describe('a line is read unchanged if it has', () => {
  it.each([
    { what: 'an unknown field', json: noted(',"colour":{"größe":[1,null]}') },
    { what: 'a field named __proto__', json: noted(',"__proto__":{"polluted":true}') },
    { what: 'a payload with a field named __proto__', json: added(',"payload":{"__proto__":{"polluted":true}}') },
    { what: 'a task and a kind named __proto__', json: added('').replaceAll(/"odd"|"k"/g, '"__proto__"') },
    { what: 'halves of surrogate pairs in a text', json: added(',"title":"\\ud83e, \\udd8a"') },
    { what: 'a payload nested 100 deep', json: added(`,"payload":${'['.repeat(100)}${']'.repeat(100)}`) },
  ])('$what', async ({ json }) => {
    const bytes = withLines(await fullLog(), json)
    const dir = await expectRead(bytes, bytes.toString(), 201)
    const { stdout } = await ask(dir, ['tail', '--json'])
    expect(stdout.startsWith(bytes.toString())).toBe(true)
  })
})

describe('a line is not rewritten, but decoded to', () => {
  it.each([
    {
      what: 'the last of several fields with the same name',
      json: `{"seq":3,"seq":201,"event":"held","event":"noted","task_id":"b","task_id":"a","text":"1","text":"2",${time}}`,
      as: noted().replace('"x"', '"2"'),
    },
    {
      what: 'the nearest double to an integer above 2^53',
      json: added(',"payload":[9007199254740993,-1.0,1E2]'),
      as: added(',"payload":[9007199254740992,-1,100]'),
    },
  ])('$what', async ({ json, as }) => {
    const sound = await fullLog()
    const bytes = withLines(sound, json)
    const digits = /[0-9a-f]{32}(?="\}\n$)/.exec(bytes.toString())?.[0]
    const readAs = `${sound.toString()}${as.slice(0, -1)},"hash":"${digits}"}\n`
    await expectRead(bytes, bytes.toString(), 201, readAs)
  })
})

it('an unknown field nested 10,000 deep is either read by all commands or refused by all', async () => {
  const bytes = withLines(await fullLog(), noted(`,"colour":${deep}`))
  const dir = directoryWith(bytes)
  const commands = [...looks, ['tail', '--json'], ['trace', 'a', '--json'], ['show', 'a', '--json']]
  const [first = 1, ...others] = (await Promise.all(commands.map(words => ask(dir, words)))).map(({ status }) => status)
  expect([0, 7]).toContain(first)
  expect(others).toEqual(others.map(() => first))
  expect(filesOf(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
})
