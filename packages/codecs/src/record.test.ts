import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { explainErrors } from './explain-errors.ts'
import { type Json, wholeNumber } from './json.ts'
import { closedRecord, lazyClosedRecord, record } from './record.ts'

const Page = wholeNumber('page', 1, 100)
const fields = { required: { file_name: t.string }, optional: { last_page: Page } }
const open = record('document', () => ({ ...fields, order: ['file_name', 'last_page'] }), 'last_page')
const closed = closedRecord('document', fields.required, fields.optional)
const Shelf = closedRecord('shelf', { documents: t.readonlyArray(closed) }, {})

const formatErrors = (decoded: E.Either<t.Errors, unknown>): string | undefined =>
  E.isLeft(decoded) ? explainErrors(decoded.left) : undefined

describe('a record', () => {
  it('has fields in snake_case in JSON and in camelCase in code', () => {
    const wire = { file_name: 'a.txt', last_page: 7 }
    expect(closed.decode(wire)).toEqual(E.right({ fileName: 'a.txt', lastPage: 7 }))
    expect(closed.encode({ fileName: 'a.txt', lastPage: 7 })).toEqual(wire)
    expect(closed.is({ fileName: 'a.txt' })).toBe(true)
    expect(closed.is(wire)).toBe(false)
  })

  it('translates fields inside lists and other records', () => {
    const wire = { documents: [{ file_name: 'a.txt' }, { file_name: 'b.txt', last_page: 2 }] }
    const decoded = { documents: [{ fileName: 'a.txt' }, { fileName: 'b.txt', lastPage: 2 }] }
    expect(Shelf.decode(wire)).toEqual(E.right(decoded))
    expect(Shelf.encode(decoded)).toEqual(wire)
  })

  it('keeps unknown fields, and writes them at the given position', () => {
    const wire = { file_name: 'a.txt', seen_by: ['ann'], last_page: 7 }
    const decoded = open.decode(wire)
    expect(decoded).toEqual(E.right({ fileName: 'a.txt', seen_by: ['ann'], lastPage: 7 }))
    expect(E.isRight(decoded) && JSON.stringify(open.encode(decoded.right))).toBe(JSON.stringify(wire))
  })

  it('does not change the prototype of decoded objects', () => {
    const decoded = open.decode(JSON.parse('{"file_name": "a.txt", "__proto__": {"admin": true}}'))
    expect(E.isRight(decoded) && Object.getPrototypeOf(decoded.right)).toBe(Object.prototype)
    expect(E.isRight(decoded) && JSON.stringify(open.encode(decoded.right))).toBe(
      '{"file_name":"a.txt","__proto__":{"admin":true}}',
    )
  })

  it.each([
    ['a value that is not an object', ['a.txt'], ' must be an object'],
    ['a missing required field', {}, ' needs "file_name"'],
    [
      'a field with an invalid value',
      { file_name: 'a', last_page: 0 },
      'last_page must be a whole number from 1 to 100',
    ],
    [
      'an unknown field with the camelCase name of a known one',
      { file_name: 'a', lastPage: 7 },
      ' has a field "lastPage", which must be in snake_case',
    ],
    [
      'an unknown field that is not JSON',
      { file_name: 'a', seen: () => 1 },
      ' has a field "seen", which is nested more than 100 levels deep',
    ],
  ])('refuses %s', (_, wire, problem) => {
    expect(formatErrors(open.decode(wire))).toBe(problem.trimStart())
  })

  it('reports all errors at once', () => {
    expect(formatErrors(closed.decode({ last_page: 0, pages: 7 }))).toBe(
      'needs "file_name"; last_page must be a whole number from 1 to 100; has an unknown field "pages"',
    )
  })

  it('builds its fields at first use', () => {
    let builds = 0
    const lazy = lazyClosedRecord('document', () => {
      builds += 1
      return fields
    })
    expect(builds).toBe(0)
    lazy.decode({ file_name: 'a.txt' })
    lazy.encode({ fileName: 'a.txt' })
    expect(builds).toBe(1)
  })

  it('lists its fields in the order in which they are written', () => {
    const reordered = record('document', () => ({ ...fields, order: ['last_page', 'file_name'] }), 'file_name')
    const listNames = (codec: typeof open): ReadonlyArray<string> => codec.fields().map(({ wireName }) => wireName)
    expect([listNames(open), listNames(reordered), open.closed, closed.closed]).toEqual([
      ['file_name', 'last_page'],
      ['last_page', 'file_name'],
      false,
      true,
    ])
    expect(() => record('document', () => ({ ...fields, order: ['title'] }), '').fields()).toThrow('no codec for title')
  })

  it('encodes what it decoded, for any fields (seed 20261129)', () => {
    const name = fc.constantFrom('file_name', 'last_page', 'seen', 'a_b', 'lastpage', '__proto__', 'constructor')
    const value = fc.oneof(fc.string(), fc.integer({ min: -1, max: 101 }), fc.jsonValue({ maxDepth: 2 }))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), entries => {
        const wire = JSON.parse(
          `{${entries.map(([n, v]) => `${JSON.stringify(n)}:${JSON.stringify(v)}`).join()}}`,
        ) as Json
        const decoded = open.decode(wire)
        if (E.isRight(decoded)) expect(JSON.parse(JSON.stringify(open.encode(decoded.right)))).toEqual(wire)
      }),
      { seed: 20261129, numRuns: 300 },
    )
  })
})
