// docs/reference/mcp.md
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { claimlogPath } from './claimlog-help.mjs'
import { formatCode, formatSentence, formatTable, formatText, generatedNote } from './markdown.mjs'
import { createValueFormat, formatBounds, readSchemas } from './schema-types.mjs'

export const renderMcp = () => {
  const { instructions, tools, resources, resourceTemplates } = readServer()
  const schemas = readSchemas()
  return [
    generatedNote,
    '',
    '# MCP server',
    '',
    '[`claimlog mcp`](commands.md#mcp) serves a coding agent over stdin and stdout with the Model Context Protocol. `claimlog setup` configures it; [agents and worktrees](../guides/agents.md) explains how agents work with it. It gives the agent these instructions:',
    '',
    `> ${instructions}`,
    '',
    'A result is JSON, as text and as structured content. It is at most 8 KiB long, unless `max_bytes` allows another length; one that was cut has `truncated` and a cursor for the rest. `ok` is false in the result of a call that was refused or failed: it matches [mcp-problem](json.md#mcp-problem), and its [error word](exit-codes-and-errors.md#errors) is that of the command line.',
    '',
    '## Tools',
    '',
    ...tools.flatMap(tool => renderTool(tool, schemas)),
    '## Resources',
    '',
    ...formatTable(
      ['URI', 'content'],
      [...resources, ...resourceTemplates.map(each => ({ ...each, uri: each.uriTemplate }))].map(
        ({ uri, description }) => [formatCode(uri), formatText(description)],
      ),
    ),
    'A client that subscribes to a resource is notified of its changes.',
  ]
    .join('\n')
    .concat('\n')
}

/** Reads the tools and resources of the server: one process answers all requests. */
const readServer = () => {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'reference', version: '1' },
  }
  const messages = [
    { id: 1, method: 'initialize', params },
    { method: 'notifications/initialized' },
    ...['tools/list', 'resources/list', 'resources/templates/list'].map((method, i) => ({ id: i + 2, method })),
  ]
  const output = execFileSync(process.execPath, [claimlogPath, 'mcp'], {
    cwd: tmpdir(),
    encoding: 'utf8',
    input: messages.map(message => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''),
  })
  return Object.assign(
    {},
    ...output
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).result),
  )
}

const renderTool = ({ name, description, inputSchema, annotations }, schemas) => [
  `### ${name}`,
  '',
  `${formatText(description)} ${formatEffect(annotations)}`,
  '',
  ...formatTable(
    ['argument', 'value'],
    listArguments(inputSchema).map(({ path, isRequired, type }) => [
      formatCode(path),
      formatArgument(type, isRequired),
    ]),
  ),
  `Result: ${schemas
    .filter(({ schema }) => new RegExp(`\\b${name}\\b`).test(schema.title))
    .map(({ name: schemaName }) => `[${schemaName}](json.md#${schemaName})`)
    .join(', ')}.`,
  '',
]

const formatEffect = ({ readOnlyHint, idempotentHint }) => {
  if (readOnlyHint) return 'It changes nothing.'
  return idempotentHint ? 'Calling it again with the same arguments changes nothing more.' : ''
}

/** The arguments, and the fields of the objects in them. */
const listArguments = ({ properties, required = [] }, prefix = '') =>
  Object.entries(properties).flatMap(([name, type]) => {
    const path = `${prefix}${name}`
    const fields = type.items?.properties === undefined ? [] : listArguments(type.items, `${path}[].`)
    return [{ path, isRequired: required.includes(name), type }, ...fields]
  })

const formatValue = createValueFormat(new Map())

const formatArgument = (type, isRequired) => {
  const value = type.items?.properties === undefined ? formatValue(type) : 'list of objects'
  const meaning = type.description === undefined ? [] : [formatSentence(type.description)]
  return [`${value}${formatBounds(type)}${isRequired ? '' : ', optional'}.`, ...meaning].join(' ')
}
