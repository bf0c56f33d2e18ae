import { toWireName } from '@claimlog/codecs'

/**
 * Fields whose value is printed unchanged: JSON of users (payload, result, progress), whose names are theirs, and records
 * whose keys are kinds, statuses or labels. A test compares them with the codecs.
 */
export const opaqueFields: ReadonlySet<string> = new Set([
  'payload',
  'result',
  'progress',
  'from',
  'to',
  'counts',
  'labels',
])

/** Fields whose values are names of fields: translated, too. */
const nameFields: ReadonlySet<string> = new Set(['field', 'fields'])

/**
 * Converts a value in camelCase to the document that is printed: the same value with its field names in snake_case.
 * Copies the value; users' own JSON is not copied.
 */
export const toDocument = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toDocument)
  const document: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) document[toWireName(name)] = toDocumentField(name, field)
  return document
}

const toDocumentField = (name: string, field: unknown): unknown => {
  if (opaqueFields.has(name)) return field
  return nameFields.has(name) ? spellNames(field) : toDocument(field)
}

/** A name or a list of names in snake_case; a list of other values, as in a description of fields, as a document. */
const spellNames = (names: unknown): unknown => {
  if (Array.isArray(names)) return names.map(spellNames)
  return typeof names === 'string' ? toWireName(names) : toDocument(names)
}
