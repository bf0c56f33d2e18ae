import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { decodeEvent } from '@claimlog/domain'
import { schemaDocuments, schemaText } from './published-schemas.ts'
import { buildJsonSchema } from './json-schema.ts'
import { describeCodec } from '../documents/object.ts'

const dir = fileURLToPath(new URL('../../../claimlog/schemas/', import.meta.url))
const schemas = schemaDocuments()

const ajv = new Ajv2020({ strict: true, allErrors: true })
ajvFormats.default(ajv, ['date-time'])

const accepts = (name: string, document: unknown): boolean => {
  const { $id } = schemas[name] as { readonly $id: string }
  const validate = ajv.getSchema($id) ?? ajv.compile(schemas[name] ?? {})
  return validate(document) as boolean
}

describe('the published schemas', () => {
  it('are up to date with the codecs; `npm run schemas` writes them', () => {
    const files = readdirSync(dir).sort()
    const expected = Object.entries(schemas).map(([name, schema]) => [`${name}.schema.json`, schemaText(schema)])
    expect(Object.fromEntries(files.map(file => [file, readFileSync(`${dir}${file}`, 'utf8')]))).toEqual(
      Object.fromEntries(expected),
    )
  })

  it.each(Object.keys(schemas))('are self-contained, each with its id: %s', name => {
    const schema = schemas[name] ?? {}
    expect(schema).toMatchObject({ $id: `urn:claimlog:schema:1:${name}` })
    expect(schema['title']).toMatch(/\S/)
    expect(schema['description']).toMatch(/\S/)
    expect(() => accepts(name, {})).not.toThrow()
  })

  it('cannot be derived from a codec of an unknown kind', () => {
    expect(() => buildJsonSchema(t.type({ value: t.unknown }))).toThrow(
      'cannot derive a JSON Schema from the codec unknown',
    )
  })

  it('cannot have two definitions with one name', () => {
    const [a, b] = [describeCodec('one', t.literal('a', 'word')), describeCodec('another', t.literal('b', 'word'))]
    expect(() => buildJsonSchema(t.type({ a, b }))).toThrow('two codecs are named word')
  })
})

const time = '2025-01-01T12:00:00.000Z'
const end = { time, hash: '0123456789abcdef0123456789abcdef' }
const spec = {
  title: 'T',
  payload: { a: [1, null] },
  needs: ['a'],
  priority: 0,
  not_before: time,
  max_attempts: 1,
  backoff: { first_ms: 1, max_ms: 2 },
  lease_ms: null,
  key: 'k',
  tags: ['x'],
}
const holder = { worker: 'ann', task_id: 't', token: 3 }

const events: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  opened: { seq: 1, format: 1, workspace: 'w', lease_ms: 9, max_attempts: 3, backoff: { first_ms: 1, max_ms: 2 } },
  added: { seq: 2, task_id: 'tâche-😀', kind: 'docs', ...spec, by: 'ann', request_id: 'r-1', more: true },
  claimed: { seq: 3, worker: 'ann', task_id: 't', attempt: 1, lease_until: time },
  renewed: { seq: 4, ...holder, lease_until: null, progress: { pages: 3 } },
  completed: { seq: 5, ...holder, result: null },
  failed: { seq: 6, ...holder, error: 'no\nluck', retry_at: null },
  released: { seq: 7, ...holder, reason: '' },
  held: { seq: 8, task_id: 't', reason: 'ask' },
  unheld: { seq: 9, task_id: 't' },
  cancelled: { seq: 10, task_id: 't' },
  retried: { seq: 11, task_id: 't' },
  amended: { seq: 12, task_id: 't', kind: 'ci', ...spec },
  noted: { seq: 13, task_id: 't', text: 'a remark' },
  paused: { seq: 14, kind: 'docs', reason: 'night' },
  resumed: { seq: 15, kind: 'docs' },
  limited: { seq: 16, kind: 'docs', limit: 2 },
  moved: { seq: 18, target: 'postgres://db/claimlog?workspace=docs', log_id: 'b7c1', by: 'ann' },
  repaired: { seq: 17, quarantine: 'events.quarantine.1', reason: 'r', offset: 0, bytes: 9, sha256: 'f', by: 'ann' },
}

/** Values that are valid for some fields and invalid for others. */
const values: ReadonlyArray<unknown> = [
  ...[null, true, false, 0, 1, 2, 1.5, -1, 9, 10, 1_000_000, 1_000_001, 2 ** 53, 3_155_760_000_001, [], [[]], {}],
  ...[
    '',
    'a',
    'a b',
    'a\u200bb',
    'a\nb',
    '\ud800',
    '😀',
    'x'.repeat(64),
    '😀'.repeat(65),
    'x'.repeat(200),
    'x'.repeat(201),
  ],
  ...[time, '2024-02-29T23:59:59.999Z', '2025-02-29T00:00:00.000Z', '2025-01-01T24:00:00.000Z', '2025-01-01T12:00:00Z'],
  ...['2025-01-01T12:00:00.000+00:00', `${time}\n`, '2025-04-31T12:00:00.000Z', '2025-01-01T12:00:60.000Z'],
  ...[['a', 'b'], ['a b'], [1], { first_ms: 1 }, { first_ms: 1, max_ms: 0 }, { first_ms: 1, max_ms: 1, more: 1 }],
]

describe.each(Object.entries(events))(
  'the schema of events, and the reader of events.jsonl, for %s',
  (event, fields) => {
    const whole: Readonly<Record<string, unknown>> = { event, ...fields, ...end }
    const isAccepted = (line: object): boolean => E.isRight(decodeEvent(line))
    const listDisagreements = (lines: ReadonlyArray<object>) =>
      lines.filter(line => accepts('event', line) !== isAccepted(line))
    const names = Object.keys(whole)

    it('accept it complete, and with a field that a newer version added', () => {
      const lines = [whole, { ...whole, colour: { r: 1 } }]
      expect(lines.map(isAccepted)).toEqual([true, true])
      expect(listDisagreements(lines)).toEqual([])
    })

    it('refuse it with a field in camelCase', () => {
      const toCamelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
      const lines = names.filter(name => name.includes('_')).map(name => ({ ...whole, [toCamelCase(name)]: 1 }))
      expect(lines.filter(isAccepted)).toEqual([])
      expect(listDisagreements(lines)).toEqual([])
    })

    it('agree if any one of its fields is missing', () => {
      const without = (name: string) => Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
      expect(listDisagreements(names.map(without))).toEqual([])
    })

    it('agree on any value in any one of its fields', () => {
      expect(listDisagreements(names.flatMap(name => values.map(value => ({ ...whole, [name]: value }))))).toEqual([])
    })
  },
)

describe('the schema of events, as the reader of events.jsonl, refuses', () => {
  it.each([null, [], 1, 'added', {}, { event: 'approved', seq: 2, time }, { event: 'noted', seq: 2, time }])(
    '%j',
    line => {
      expect([accepts('event', line), E.isRight(decodeEvent(line))]).toEqual([false, false])
    },
  )
})

const task = { id: 't', kind: 'docs', status: 'ready' }
const claim = { worker: 'ann', token: 3, attempt: 1, claimed_at: time, lease_until: time }
const counts = { ready: 1, claimed: 0, blocked: 0, done: 0, failed: 0, cancelled: 0 }
const guard = { guard: 'held', seq: 3, since: time, cleared_by: [{ event: 'unheld', task_id: 't' }] }
const refusal = { ok: false, message: 'no', hint: 'try again' }

/** A valid document, and changes that make it invalid. */
const documents: ReadonlyArray<readonly [string, object, ReadonlyArray<object>]> = [
  [
    'claim',
    { ok: true, task, claim, seq: 3, durability: 'os' },
    [
      { claim: undefined },
      { extra: 1 },
      { ok: false },
      { seq: '3' },
      { durability: 'disk' },
      { claim: { ...claim, claimed_at: '2025-01-01' } },
      { claim: { ...claim, lease_until: '2025-02-30T12:00:00.000Z' } },
      { task: { ...task, status: 'claimed' } },
      { task: { ...task, extra: 1 } },
    ],
  ],
  ['claim-count', { ok: true, tasks: [{ ...task, claim }], seq: 3 }, [{ tasks: [task] }, { tasks: undefined }]],
  ['task', { ok: true, task, seq: 4 }, [{ task: undefined }, { extra: 1 }, { seq: 0 }, { claim: {} }]],
  [
    'rules',
    { ok: true, rules: { kind: 'docs', limit: 2 }, seq: 4 },
    [{ rules: { limit: 2 } }, { rules: { kind: 'a b' } }],
  ],
  ['add-many', { ok: true, tasks: [task], seq: 4 }, [{ tasks: [{}] }, { tasks: task }, { task }]],
  [
    'import',
    { ok: true, imported: 1, unchanged: 0, tasks: [task], seq: 4 },
    [{ imported: -1 }, { unchanged: undefined }, { unchanged: 0.5 }, { extra: 1 }],
  ],
  [
    'init',
    { ok: true, workspace: 'w', dir: '/w', created: true, seq: 1 },
    [{ created: 'yes' }, { dir: undefined }, { dir: 1 }, { extra: 1 }],
  ],
  [
    'queue',
    { tasks: [task], claims: [{ worker: 'ann', task_id: 't', token: 3, lease_until: null }], seq: 3 },
    [{ ok: true }, { claims: [claim] }, { tasks: undefined }, { seq: null }],
  ],
  [
    'list',
    {
      tasks: [
        { ...task, claim },
        { ...task, dead_needs: ['u'] },
      ],
      seq: 3,
    },
    [
      { tasks: [{ ...task, claim: null }] },
      { tasks: [{ ...task, dead_needs: 'u' }] },
      { seq: undefined },
      { extra: 1 },
    ],
  ],
  [
    'show',
    { task, added_at: time, attempts: 0, max_attempts: 3, seq: 3 },
    [{ added_at: '12:00' }, { max_attempts: 0 }, { attempts: undefined }, { extra: 1 }],
  ],
  [
    'status',
    {
      dir: '/w',
      workspace: 'w',
      opened_at: time,
      seq: 3,
      time,
      tasks: 1,
      kinds: [{ kind: 'docs', ...counts }],
      claims: [],
    },
    [{ kinds: [{ kind: 'docs' }] }, { time: 0 }, { claims: [claim] }, { dir: 1 }, { log: 1 }, { extra: 1 }],
  ],
  [
    'why',
    {
      task_id: 't',
      kind: 'docs',
      status: 'ready',
      claimable: false,
      guards: [{ ...guard, ...refusal, ok: undefined }],
      seq: 3,
    },
    [{ guards: [guard] }, { claimable: 0 }, { ahead: 1000 }, { guards: undefined }, { extra: 1 }],
  ],
  [
    'trace',
    {
      ...{ task_id: 't', kind: 'docs', status: 'ready', steps: [{ seq: 2, time, event: 'added' }], phase: 'waiting' },
      ...{
        lanes: [{ lane: 'waiting', from: time, ms: 5 }],
        waited_ms: 5,
        ran_ms: 0,
        retrying_ms: 0,
        held_ms: 0,
        seq: 2,
      },
    },
    [{ phase: 'lost' }, { steps: [{ time, event: 'lost' }] }, { lanes: [{}] }, { ran_ms: -1 }, { seq: undefined }],
  ],
  [
    'diff',
    {
      ...{ from: { seq: 1, time }, to: { seq: 3, time }, kinds: [] },
      tasks: [{ id: 't', kind: 'docs', added: true, changes: [{ field: 'status', to: 'ready' }] }],
    },
    [
      { from: { seq: 1 } },
      { tasks: [{ id: 't' }] },
      { kinds: undefined },
      { to: { seq: 3, time: '2025' } },
      { extra: 1 },
    ],
  ],
  [
    'replay',
    { ok: true, seq: 3, tasks: 1, queue_file: 'the same', checkpoint: 'the same' },
    [{ queue_file: 'gone' }, { checkpoint: 'another' }, { tasks: null }, { extra: 1 }],
  ],
  [
    'verify',
    { ok: true, seq: 3, hash: 'f', unfinished_bytes: 0 },
    [{ hash: 1 }, { unfinished_bytes: undefined }, { ok: 1 }],
  ],
  [
    'repair',
    {
      ...{ ok: true, damaged: true, repaired: true, damage: { line: 4, offset: 508, detail: 'it is not JSON' } },
      ...{ quarantine: { path: '/w/events.quarantine.1', from: 508, bytes: 300, lines: 2 }, seq: 5 },
      ...{ kept: { events: 3, tasks: 2 }, spent: { first: 4, last: 5 } },
    },
    [
      { damaged: undefined },
      { repaired: 1 },
      { damage: { line: 0, offset: 508, detail: '' } },
      { quarantine: { path: 'q' } },
      { kept: { events: -1, tasks: 0 } },
      { spent: { first: 0, last: 1 } },
      { extra: 1 },
    ],
  ],
  [
    'problem',
    { ...refusal, error: 'usage', whatever: 1 },
    [{ error: 'oops' }, { hint: undefined }, { message: 1 }, { ok: true }],
  ],
  [
    'problem',
    { ...refusal, error: 'no_ready_task', kinds: [], next_at: time, tasks: [{ task_id: 't', guards: [guard] }] },
    [{ kinds: undefined }, { next_at: null }, { tasks: [{ task_id: 't' }] }, { extra: 1 }],
  ],
]

describe.each(documents)('the schema of %s', (name, right, wrongs) => {
  const printed = (document: object): unknown => JSON.parse(JSON.stringify(document))

  it('accepts a valid document', () => {
    expect(accepts(name, printed(right))).toBe(true)
  })

  it('refuses it without a required field, with an extra field, or with a field of another type', () => {
    for (const wrong of wrongs) expect([wrong, accepts(name, printed({ ...right, ...wrong }))]).toEqual([wrong, false])
  })
})
