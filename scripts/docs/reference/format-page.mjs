// The generated part of docs/reference/format.md: events and their fields.
import { readHelp } from './claimlog-help.mjs'
import { createValueFormat, findSharedTypes, readSchemas } from './schema-types.mjs'
import { formatCode, formatTable, formatText } from './markdown.mjs'

export const renderEvents = () => {
  const { fields, events } = readHelp('log-format')
  const schemas = readSchemas()
  const { schema } = schemas.find(({ name }) => name === 'event')
  const shared = findSharedTypes(schemas)
  const formatValue = createValueFormat(shared, 'json.md')
  /** A definition that only the schema of events has is shown in place. */
  const resolve = type => {
    const name = type.$ref?.replace('#/$defs/', '') ?? ''
    return name === '' || shared.has(name) ? type : schema.$defs[name]
  }
  return [
    ...formatTable(
      ['event', 'its own fields', 'meaning'],
      events.map(({ event, means, fields: own }) => [
        formatCode(event),
        own.map(({ name, optional }) => `\`${name}\`${optional ? '?' : ''}`).join(', '),
        formatText(means),
      ]),
    ),
    'A field with a question mark is optional.',
    '',
    ...formatTable(
      ['field', 'value'],
      listFields(schema, fields).map(([name, types]) => [
        formatCode(name),
        [...new Set(types.flatMap(type => (type.anyOf ?? [type]).map(each => formatValue(resolve(each)))))].join(
          ' or ',
        ),
      ]),
    ),
    'Every event can have these fields:',
    '',
    ...formatTable(
      ['field', 'meaning'],
      fields.map(({ name, optional, means }) => [`\`${name}\`${optional ? '?' : ''}`, formatText(means)]),
    ),
  ]
}

/** The fields that only some events have, each with its types in these events. */
const listFields = ({ $defs }, common) => {
  const types = new Map()
  for (const event of Object.values($defs))
    for (const [name, type] of Object.entries(event.properties?.event === undefined ? {} : event.properties))
      if (!common.some(field => field.name === name)) types.set(name, [...(types.get(name) ?? []), type])
  return [...types]
}
