import * as t from 'io-ts'
import { expect, it } from 'vitest'
import { codecSchema, type ConvertCodec } from './codec-schema.ts'
import { explainErrors } from './explain-errors.ts'
import { closedRecord, record } from './record.ts'
import { listCodec, nullable, wholeNumber } from './json.ts'

const inline: ConvertCodec = codec => codecSchema(codec, inline)
const Page = wholeNumber('page', 1, 100)
const page = { type: 'integer', minimum: 1, maximum: 100 }

it.each([
  ['a number of a range', Page, page],
  ['a value or null', nullable(Page), { anyOf: [page, { type: 'null' }] }],
  ['a list', listCodec(t.string, 'a list of names'), { type: 'array', items: { type: 'string' } }],
  ['an enumeration', t.keyof({ open: null, done: null }), { type: 'string', enum: ['open', 'done'] }],
  ['a union', t.union([t.literal(1), t.boolean]), { anyOf: [{ const: 1 }, { type: 'boolean' }] }],
  [
    'a closed record',
    closedRecord('document', { file_name: t.string }, { last_page: Page }),
    {
      type: 'object',
      properties: { file_name: { type: 'string' }, last_page: page },
      required: ['file_name'],
      additionalProperties: false,
    },
  ],
  [
    'an open record, which refuses the camelCase names of its fields',
    record('document', () => ({ required: {}, optional: { last_page: Page } }), 'last_page'),
    { type: 'object', properties: { last_page: page }, propertyNames: { not: { enum: ['lastPage'] } } },
  ],
  [
    'an intersection of two objects',
    t.intersection([t.type({ a: t.string }), t.partial({ b: t.boolean })]),
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'boolean' } }, required: ['a'] },
  ],
])('the JSON Schema of %s', (_, codec, schema) => {
  expect(inline(codec)).toEqual(schema)
})

it('a codec of an unknown kind has no JSON Schema', () => {
  const Silent = new t.Type<string>('silent', t.string.is, t.string.validate, t.identity)
  expect(() => inline(Silent)).toThrow('cannot derive a JSON Schema from the codec silent')
})

it('explainErrors lists the errors of an input by path, the first five of a thousand', () => {
  const decoded = listCodec(Page, 'a list of pages').decode([1, 0, ...Array<number>(1000).fill(101)])
  const errors = '_tag' in decoded && decoded._tag === 'Left' ? decoded.left : []
  const rule = 'must be a whole number from 1 to 100'
  expect(explainErrors(errors)).toBe([1, 2, 3, 4, 5].map(i => `${i} ${rule}`).join('; '))
  expect(explainErrors(errors.slice(0, 1), ([i]) => `page ${i}`)).toBe(`page 1 ${rule}`)
})
