// The generated parts of docs/reference/configuration.md.
import { readHelp } from './claimlog-help.mjs'
import { formatCode, formatTable, formatText } from './markdown.mjs'
import { findSharedTypes, formatBounds, readSchemas } from './schema-types.mjs'

/** The defaults of options that are values. */
export const renderDefaults = () => {
  const { commands, flags } = readHelp()
  const rows = [{ name: '', flags }, ...commands].flatMap(command =>
    command.flags
      .filter(
        ({ default: value }) => value !== undefined && /\d|^[a-z]+$/.test(value) && !/^(any|all|detected)$/.test(value),
      )
      .map(flag => ({ ...flag, command: command.name })),
  )
  return formatTable(
    ['option', 'default', 'meaning'],
    rows.map(({ command, flags: text, default: value, about }) => [
      command === '' ? formatCode(text) : `[\`${command}\`](commands.md#${command}) \`${text}\``,
      /^[\w.]+$/.test(value) ? formatCode(value) : formatText(value),
      formatText(about),
    ]),
  )
}

export const renderVariables = () => {
  const { read, given } = readHelp('environment')
  return [
    'claimlog reads these variables. A flag overrides its variable, and an empty variable counts as not set.',
    '',
    ...formatTable(
      ['variable', 'meaning', 'flag'],
      read.map(({ name, means, flag }) => [
        formatCode(name),
        formatText(means),
        flag === undefined ? '' : formatCode(flag),
      ]),
    ),
    '`claimlog work` sets these for the command of a task:',
    '',
    ...formatTable(
      ['variable', 'meaning'],
      given.map(({ name, means }) => [formatCode(name), formatText(means)]),
    ),
  ]
}

/** The limits that the schemas of values have. */
const values = {
  kind: 'a kind',
  task_id: 'an id of a task',
  worker_name: 'the name of a worker',
  label: 'a key, a tag, a request id, an author',
  priority: 'a priority; 0 is the most urgent',
  count: 'attempts of a task, claims of a kind',
  duration_in_ms: 'a lease or a delay, in milliseconds: up to 100 years',
  json: 'a payload, a result or progress',
}

export const renderValues = () => {
  const types = findSharedTypes(readSchemas())
  return formatTable(
    ['value', 'limit'],
    Object.entries(values).map(([name, meaning]) => {
      const type = types.get(name)
      return [
        meaning,
        type.description === undefined ? `a whole number${formatBounds(type)}` : formatText(type.description),
      ]
    }),
  )
}
