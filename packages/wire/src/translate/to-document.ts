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

/**
 * Converts a value in camelCase to the document that is printed: the same value with its field names in snake_case.
 * Copies the value; users' own JSON is not copied.
 */
export const toDocument = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toDocument)
  const document: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value))
    document[toWireName(name)] = opaqueFields.has(name) ? field : toDocument(field)
  return document
}
