// The generated part of docs/reference/json.md: the fields of each document.
import { formatCode, formatTable, formatText, toAnchor } from './markdown.mjs'
import {
  createValueFormat,
  findSharedTypes,
  formatBounds,
  formatFields,
  isComposite,
  isObject,
  keepSameTypes,
  readSchemas,
  toTypeAnchor,
} from './schema-types.mjs'

export const renderDocuments = () => {
  const documents = readSchemas()
  const shared = findSharedTypes(documents)
  const formatValue = createValueFormat(shared)
  const types = [...shared].sort(([a], [b]) => a.localeCompare(b))
  return [
    '## Documents',
    '',
    `${documents.map(({ name }) => `[${name}](#${toAnchor(name)})`).join(', ')}.`,
    '',
    ...documents.flatMap(document => renderDocument(document, shared)),
    '## Types',
    '',
    'Types of fields that several documents have.',
    '',
    ...formatTable(
      ['type', 'value'],
      types
        .filter(([, type]) => !isComposite(type))
        .map(([name, type]) => [`${formatTarget(name)}\`${name}\``, formatScalar(type, formatValue)]),
    ),
    ...types
      .filter(([, type]) => isComposite(type))
      .flatMap(([name, type]) => renderNamedType(name, type, formatValue, formatTarget(name))),
  ]
}

/** The target of links to a type. */
const formatTarget = name => `<a id="${toTypeAnchor(name)}"></a>`

const renderDocument = ({ name, schema }, shared) => {
  const known = keepSameTypes(shared, schema)
  const formatValue = createValueFormat(known)
  const ownTypes = Object.entries(schema.$defs ?? {}).filter(
    ([typeName, type]) => !known.has(typeName) && isComposite(type),
  )
  return [
    `### ${name}`,
    '',
    `${formatTitle(schema.title)}: ${formatText(schema.description)}.`,
    '',
    ...(name === 'event'
      ? ['The fields of each event are in [format](format.md#events).', '']
      : [
          ...renderType(schema, formatValue),
          ...ownTypes.flatMap(([typeName, type]) => renderNamedType(typeName, type, formatValue)),
        ]),
  ]
}

/** A title is a command, or a phrase. */
const formatTitle = title =>
  /^claimlog [\w<> -]+$/.test(title) && !title.includes(' and ')
    ? formatCode(title)
    : formatText(title).replace(/^[a-z]/, first => first.toUpperCase())

const renderNamedType = (name, type, formatValue, target = '') => [
  `${target}**${name}**: ${formatText(type.description ?? 'an object')}`,
  '',
  ...renderType(type, formatValue),
]

const renderType = (type, formatValue) => {
  if (isObject(type)) return formatFields(type, formatValue)
  const variants = (type.anyOf ?? []).filter(isObject)
  if (variants.length === 0) return [`One of: ${formatValue(type)}.`, '']
  return variants.flatMap((variant, i) => [
    `${i === 0 ? 'Either' : 'Or'}: ${formatText(variant.description ?? 'an object')}`,
    '',
    ...formatFields(variant, formatValue),
  ])
}

const formatScalar = (type, formatValue) =>
  [
    `${formatValue(type)}${formatBounds(type)}`,
    ...(type.description === undefined ? [] : [formatText(type.description)]),
  ].join('; ')
