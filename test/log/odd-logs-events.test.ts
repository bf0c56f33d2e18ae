import { join } from 'node:path'
import { logFileName } from '@claimlog/event-log-file'
import { describe, expect, it } from 'vitest'
import { writeSampleLog } from './sample-log.ts'
import { chainLine, appendLines } from './log-lines.ts'
import {
  runChecked,
  runAll,
  newLogDirectory,
  expectRead,
  expectStopped,
  readLogFiles,
  readCommands,
} from './odd-log-checks.ts'

const time = '"time":"2025-01-02T00:00:00.000Z"'
const openedLine = (more = '') =>
  `{"seq":1,"event":"opened","format":1,"workspace":"w","lease_ms":1,"max_attempts":1,` +
  `"backoff":{"first_ms":1,"max_ms":1}${more},${time}}`
const notedLine = (more = '') => `{"seq":201,"event":"noted","task_id":"a","text":"x"${more},${time}}`
const addedLine = (more: string) => `{"seq":201,"event":"added","task_id":"odd","kind":"k"${more},${time}}`

/** Nested so deep that a recursive function overflows the stack. */
const deeplyNested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`

const invalidJsonValue = 'must be a JSON value, at most 100 levels deep'
const misplacedOpened = 'line 1 and no other line must be the event "opened"'

describe('a line that is correctly chained to a valid log and', () => {
  it.each([
    { what: 'is not JSON', json: `{"seq":201,"event":,${time}}`, messagePart: 'it is not JSON' },
    { what: 'skips a seq', json: notedLine().replace('201', '202'), messagePart: 'its seq is 202, not 201' },
    {
      what: 'has a seq that is text',
      json: notedLine().replace('201', '"201"'),
      messagePart: 'its seq is 201, not 201',
    },
    { what: 'has no seq', json: notedLine().replace('"seq":201,', ''), messagePart: 'its seq is undefined, not 201' },
    {
      what: 'has a seq that is an object',
      json: notedLine().replace('201', '{"toString":1}'),
      messagePart: 'its seq is',
    },
    { what: 'has a seq nested 10,000 deep', json: notedLine().replace('201', deeplyNested), messagePart: 'its seq is' },
    { what: 'opens the log again', json: openedLine().replace('"seq":1', '"seq":201'), messagePart: misplacedOpened },
    { what: 'has no event name', json: `{"seq":201,${time}}`, messagePart: 'it has no event name' },
    {
      what: 'has an event name nested 10,000 deep',
      json: `{"seq":201,"event":${deeplyNested},${time}}`,
      messagePart: 'it has no event name',
    },
    {
      what: 'lacks a field',
      json: `{"seq":201,"event":"noted","task_id":"a",${time}}`,
      messagePart: 'noted: needs "text"',
    },
    { what: 'has a field in camelCase', json: notedLine(',"taskId":"b"'), messagePart: 'must be in snake_case' },
    { what: 'has more: false', json: notedLine(',"more":false'), messagePart: 'noted: more' },
    {
      what: 'has more twice, with both values',
      json: notedLine(',"more":true,"more":false'),
      messagePart: 'noted: more',
    },
    {
      what: 'has half a surrogate pair in a name',
      json: notedLine().replace('"a"', '"\\ud800"'),
      messagePart: 'noted: task_id',
    },
    { what: 'has a number that is too large', json: addedLine(',"payload":1e400'), messagePart: invalidJsonValue },
    {
      what: 'has a payload nested 10,000 deep',
      json: addedLine(`,"payload":${deeplyNested}`),
      messagePart: invalidJsonValue,
    },
  ])('$what stops every reader and writer there', async ({ json, messagePart }) => {
    const sampleLog = await writeSampleLog()
    const expectedFailure = { failure: 'LogDamaged', line: 201, offset: sampleLog.length, messagePart } as const
    await expectStopped(appendLines(sampleLog, json), sampleLog.toString(), expectedFailure)
  })

  it.each([
    {
      what: 'is an unknown event',
      json: notedLine().replace('noted', 'approved'),
      messagePart: 'the event "approved"',
    },
    {
      what: 'is an event named __proto__',
      json: notedLine().replace('noted', '__proto__'),
      messagePart: 'the event "__proto__"',
    },
    {
      what: 'is an event whose name is a terminal escape sequence',
      json: notedLine().replace('noted', '\\u001b[31m'),
      messagePart: 'the event "\\u001b[31m"',
    },
  ])('$what stops every reader and writer with its name', async ({ json, messagePart }) => {
    const sampleLog = await writeSampleLog()
    const expectedFailure = { failure: 'UnknownFormat', line: 201, offset: sampleLog.length, messagePart } as const
    await expectStopped(appendLines(sampleLog, json), sampleLog.toString(), expectedFailure)
  })

  it('contradicts the lines before it is read by every command except verify, which reports it', async () => {
    const sampleLog = await writeSampleLog()
    const bytes = appendLines(sampleLog, notedLine().replace('"a"', '"never-added"'))
    const dir = newLogDirectory(bytes)
    const [listOutput, verifyOutput, status] = await runAll(dir, readCommands)
    expect([listOutput?.exit, status?.exit]).toEqual([0, 0])
    const path = join(dir, logFileName)
    const message = expect.stringContaining('there is no task never-added') as string
    expect(verifyOutput).toMatchObject({
      exit: 7,
      printed: { ok: false, error: 'log_damaged', message, path, line: 201, offset: sampleLog.length },
    })
    expect(readLogFiles(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
  })
})

describe('a first line that', () => {
  it.each([
    { what: 'has the seq 2', json: openedLine().replace('"seq":1', '"seq":2'), messagePart: 'its seq is 2, not 1' },
    { what: 'is not opened', json: notedLine().replace('201', '1'), messagePart: misplacedOpened },
    {
      what: 'has a field name in capitals',
      json: openedLine().replace('lease_ms', 'LEASE_MS'),
      messagePart: 'lease_ms',
    },
  ])('$what stops every reader and writer there', async ({ json, messagePart }) => {
    const bytes = Buffer.from(chainLine('', json))
    await expectStopped(bytes, '', { failure: 'LogDamaged', line: 1, offset: 0, messagePart })
  })

  it.each([
    { what: 'opens a log with format 2', format: '2', messagePart: 'format 2 is not known' },
    { what: 'opens a log without a format', format: 'null', messagePart: 'format null is not known' },
    { what: 'opens a log with a format nested 10,000 deep', format: deeplyNested, messagePart: 'is not known' },
  ])('$what stops every reader and writer with the format', async ({ format, messagePart }) => {
    const bytes = Buffer.from(chainLine('', openedLine().replace('"format":1', `"format":${format}`)))
    await expectStopped(bytes, '', { failure: 'UnknownFormat', line: 1, offset: 0, messagePart })
  })
})

describe('a line is read unchanged if it has', () => {
  it.each([
    { what: 'an unknown field', json: notedLine(',"colour":{"größe":[1,null]}') },
    { what: 'a field named __proto__', json: notedLine(',"__proto__":{"polluted":true}') },
    { what: 'a payload with a field named __proto__', json: addedLine(',"payload":{"__proto__":{"polluted":true}}') },
    { what: 'a task and a kind named __proto__', json: addedLine('').replaceAll(/"odd"|"k"/g, '"__proto__"') },
    { what: 'halves of surrogate pairs in a text', json: addedLine(',"title":"\\ud83e, \\udd8a"') },
    { what: 'a payload nested 100 deep', json: addedLine(`,"payload":${'['.repeat(100)}${']'.repeat(100)}`) },
  ])('$what', async ({ json }) => {
    const bytes = appendLines(await writeSampleLog(), json)
    const dir = await expectRead(bytes, bytes.toString(), 201)
    const { stdout } = await runChecked(dir, ['tail', '--json'])
    expect(stdout.startsWith(bytes.toString())).toBe(true)
  })
})

describe('a line is not rewritten, but decoded to', () => {
  it.each([
    {
      what: 'the last of several fields with the same name',
      json: `{"seq":3,"seq":201,"event":"held","event":"noted","task_id":"b","task_id":"a","text":"1","text":"2",${time}}`,
      decodedLine: notedLine().replace('"x"', '"2"'),
    },
    {
      what: 'the nearest double to an integer above 2^53',
      json: addedLine(',"payload":[9007199254740993,-1.0,1E2]'),
      decodedLine: addedLine(',"payload":[9007199254740992,-1,100]'),
    },
  ])('$what', async ({ json, decodedLine }) => {
    const sampleLog = await writeSampleLog()
    const bytes = appendLines(sampleLog, json)
    const digits = /[0-9a-f]{32}(?="\}\n$)/.exec(bytes.toString())?.[0]
    const readAs = `${sampleLog.toString()}${decodedLine.slice(0, -1)},"hash":"${digits}"}\n`
    await expectRead(bytes, bytes.toString(), 201, readAs)
  })
})

it('an unknown field nested 10,000 deep is either read by all commands or refused by all', async () => {
  const bytes = appendLines(await writeSampleLog(), notedLine(`,"colour":${deeplyNested}`))
  const dir = newLogDirectory(bytes)
  const commands = [...readCommands, ['tail', '--json'], ['trace', 'a', '--json'], ['show', 'a', '--json']]
  const [first = 1, ...otherStatuses] = (await Promise.all(commands.map(words => runChecked(dir, words)))).map(
    ({ status }) => status,
  )
  expect([0, 7]).toContain(first)
  expect(otherStatuses).toEqual(otherStatuses.map(() => first))
  expect(readLogFiles(dir)).toEqual({ log: bytes.toString('latin1'), torn: undefined })
})
