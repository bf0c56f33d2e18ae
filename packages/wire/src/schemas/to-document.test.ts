import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '@claimlog/codecs'
import { schemaDocuments } from './published-schemas.ts'
import { opaqueFields, toDocument } from '../translate/to-document.ts'

describe('a document', () => {
  it('has the names of fields in snake_case, and the JSON of users unchanged', () => {
    const task = {
      id: 'a',
      leaseMs: null,
      backoff: { firstMs: 1, maxMs: 2 },
      payload: { camelCase: [{ innerName: 1 }] },
      tags: ['camelCase'],
      claim: { claimedAt: 'then', progress: { pageNumber: 1 } },
    }
    expect(toDocument({ tasks: [task], moreWaiting: undefined })).toEqual({
      tasks: [
        {
          id: 'a',
          lease_ms: null,
          backoff: { first_ms: 1, max_ms: 2 },
          payload: { camelCase: [{ innerName: 1 }] },
          tags: ['camelCase'],
          claim: { claimed_at: 'then', progress: { pageNumber: 1 } },
        },
      ],
      more_waiting: undefined,
    })
  })

  // Events are written by their own codecs.
  const documents = Object.entries(schemaDocuments()).filter(([name]) => name !== 'event')

  it.each(documents)('can be built for every field of %s', (_, schema) => {
    const fields = [...listFields(schema, schema, [])]
    for (const { path, isFreeForm } of fields) {
      const names = path.map(toCodeName)
      expect(toDocument(nest(names))).toEqual(nest(path))
      const isOpaque = names.some(name => opaqueFields.has(name))
      // The changes of a trace are fields of a task.
      if (isFreeForm && !names.includes('changes')) expect({ path, isOpaque }).toEqual({ path, isOpaque: true })
    }
  })
})

const toCodeName = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const nest = (path: ReadonlyArray<string>): unknown =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), 'value')

type Field = { readonly path: ReadonlyArray<string>; readonly isFreeForm: boolean }

/** The paths of all fields in a schema; a free-form field has keys that the schema does not name. */
const listFields = function* (
  root: JsonSchema,
  schema: JsonSchema,
  path: ReadonlyArray<string>,
): Generator<Field, void> {
  const {
    $ref,
    properties = {},
    additionalProperties,
    items,
    anyOf: alternatives,
    type,
  } = schema as {
    readonly $ref?: string
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly additionalProperties?: unknown
    readonly items?: JsonSchema
    readonly anyOf?: ReadonlyArray<JsonSchema>
    readonly type?: unknown
  }
  if ($ref !== undefined) {
    const definitions = root['$defs'] as Readonly<Record<string, JsonSchema>>
    return yield* listFields(root, definitions[$ref.slice('#/$defs/'.length)] ?? {}, path)
  }
  const isAnyJson = type === undefined && [properties, items, alternatives].every(isEmpty) && !('enum' in schema)
  if (path.length > 0)
    yield { path, isFreeForm: ('const' in schema ? false : isAnyJson) || typeof additionalProperties === 'object' }
  for (const [name, field] of Object.entries(properties)) yield* listFields(root, field, [...path, name])
  for (const inner of [items ?? {}, ...(alternatives ?? [])])
    if (Object.keys(inner).length > 0) yield* listFields(root, inner, path)
}

const isEmpty = (value: object | undefined): boolean => value === undefined || Object.keys(value).length === 0
