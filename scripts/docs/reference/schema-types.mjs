// The types of fields in JSON Schemas, as Markdown.
import { readdirSync, readFileSync } from 'node:fs'
import { formatCode, formatTable, toAnchor } from './markdown.mjs'

const schemasDir = new URL('../../../packages/claimlog/schemas/', import.meta.url)

/** The published schemas, by name. */
export const readSchemas = () =>
  readdirSync(schemasDir)
    .filter(file => file.endsWith('.schema.json'))
    .map(file => ({
      name: file.replace('.schema.json', ''),
      schema: JSON.parse(readFileSync(new URL(file, schemasDir), 'utf8')),
    }))

/** A definition that this many documents have is described once. */
const sharedMin = 2

/** The definitions of several documents, by name; if they differ, the most frequent one. */
export const findSharedTypes = documents => {
  const counts = new Map()
  for (const { schema } of documents)
    for (const [name, type] of Object.entries(schema.$defs ?? {})) {
      const texts = counts.get(name) ?? new Map()
      counts.set(name, texts.set(JSON.stringify(type), (texts.get(JSON.stringify(type)) ?? 0) + 1))
    }
  return new Map(
    [...counts].flatMap(([name, texts]) => {
      const [[text, count]] = [...texts].sort(([, a], [, b]) => b - a)
      return count >= sharedMin ? [[name, JSON.parse(text)]] : []
    }),
  )
}

/** The shared definitions that a schema does not define differently. */
export const keepSameTypes = (shared, { $defs = {} }) =>
  new Map([...shared].filter(([name, type]) => [undefined, JSON.stringify(type)].includes(JSON.stringify($defs[name]))))

export const isObject = type => type.properties !== undefined

/** True for an object, and for a choice of objects. */
export const isComposite = type => isObject(type) || (type.anyOf ?? []).some(isObject)

export const toTypeAnchor = name => `type-${toAnchor(name.replaceAll('_', '-'))}`

/**
 * Returns a function that formats the value of a field: a constant, a list, or a type. Those in `shared` have a link to
 * their description on `page`; undefined: on the same page.
 */
export const createValueFormat = (shared, page = '') => {
  const formatValue = type => {
    if (type.$ref !== undefined) {
      const name = type.$ref.replace('#/$defs/', '')
      return shared.has(name) ? `[${name}](${page}#${toTypeAnchor(name)})` : name
    }
    if (type.const !== undefined) return formatCode(JSON.stringify(type.const))
    if (type.enum?.includes('lock_timeout')) return '[an error word](exit-codes-and-errors.md#errors)'
    if (type.enum !== undefined) return type.enum.map(word => formatCode(JSON.stringify(word))).join(' or ')
    if (type.anyOf !== undefined) return type.anyOf.map(formatValue).join(' or ')
    if (type.type === 'array') return type.items === undefined ? 'list' : `list of ${formatValue(type.items)}`
    if (isObject(type)) return `object with ${Object.keys(type.properties).map(formatCode).join(', ')}`
    return type.type ?? 'any JSON'
  }
  return formatValue
}

/** A table of the fields of an object. */
export const formatFields = ({ properties, required = [], additionalProperties }, formatValue) => [
  ...formatTable(
    ['field', 'value'],
    Object.entries(properties).map(([name, type]) => [
      formatCode(name),
      `${formatValue(type)}${required.includes(name) ? '' : ', optional'}`,
    ]),
  ),
  ...(additionalProperties === false ? [] : ['It can have more fields.', '']),
]

/** The bounds of a number, or nothing. */
export const formatBounds = ({ minimum, maximum }) =>
  minimum === undefined
    ? ''
    : maximum === Number.MAX_SAFE_INTEGER
      ? `, at least ${minimum}`
      : `, ${minimum} to ${maximum.toLocaleString('en')}`
