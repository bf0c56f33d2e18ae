// docs/reference/commands.md
import { readHelp } from './claimlog-help.mjs'
import { formatCode, formatSentence, formatTable, formatText, generatedNote, toAnchor } from './markdown.mjs'

export const renderCommands = () => {
  const reference = readHelp()
  const groups = Map.groupBy?.(reference.commands, ({ group }) => group) ?? groupCommands(reference.commands)
  const shared = findSharedErrors(reference.commands)
  return [
    generatedNote,
    '',
    '# Commands',
    '',
    'Every command, as `claimlog help <command>` and `man claimlog` describe it. Durations are written `90s`, `15m`, `2h`, `1d` or `1h30m`. A command that is refused or fails prints a document and exits with a code from [exit codes and errors](exit-codes-and-errors.md).',
    '',
    ...formatTable(
      ['group', 'commands'],
      [...groups].map(([group, commands]) => [
        `[${group}](#${toAnchor(group)})`,
        commands.map(({ name }) => `[\`${name}\`](#${toAnchor(name)})`).join(', '),
      ]),
    ),
    '## Options of every command',
    '',
    ...formatFlags(reference.flags),
    'Without `--json`, too, the commands in [Queue](#queue), [Claims](#claims) and [Rules of kinds](#rules-of-kinds) print JSON, except `work`.',
    '',
    '## Errors of every command',
    '',
    'Each command below lists only the errors that it has in addition to these.',
    '',
    ...formatTable(
      ['commands', 'exit codes'],
      shared.map(({ title, codes }) => [title, formatExitCodes(codes)]),
    ),
    ...[...groups].flatMap(([group, commands]) => [
      `## ${group}`,
      '',
      ...commands.flatMap(command => renderCommand(command, shared)),
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

/** Node 20 has no Map.groupBy. */
const groupCommands = commands => {
  const groups = new Map()
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command])
  return groups
}

const isHelpFlag = ({ flags }) => flags.includes('--help')

const hasRequestId = ({ flags }) => flags.some(({ flags: text }) => text.includes('--request-id'))

const listErrors = ({ exit_codes }) => exit_codes.flatMap(({ errors }) => errors)

/** The errors that all commands of a class have, by class; each class leaves out the errors of the ones before. */
const findSharedErrors = commands => {
  const classes = [
    ['every command', () => true],
    ['that read the log or write to it', ({ access }) => access !== 'none'],
    ['that write to the log', ({ access }) => access === 'write'],
    ['with `--request-id`', hasRequestId],
  ]
  const earlier = new Set()
  return classes.map(([title, isMember]) => {
    const [first, ...others] = commands.filter(isMember)
    const codes = first.exit_codes
      .map(({ exit, errors }) => ({
        exit,
        errors: errors.filter(
          error => !earlier.has(error) && others.every(command => listErrors(command).includes(error)),
        ),
      }))
      .filter(({ exit, errors }) => errors.length > 0 || (exit === 0 && earlier.size === 0))
    for (const { errors } of codes) for (const error of errors) earlier.add(error)
    return { title, isMember, codes }
  })
}

const renderCommand = (command, shared) => {
  const { name, usage, about, arguments: operands, flags, examples, notes, prints, schemas } = command
  return [
    `### ${name}`,
    '',
    formatSentence(about),
    '',
    '```text',
    usage,
    '```',
    '',
    ...formatTable(
      ['argument', 'meaning'],
      operands.map(({ term, about: meaning = meaningOfTerm(term), choices, default: value }) => [
        formatCode(term),
        formatMeaning(meaning, choices, value),
      ]),
    ),
    ...formatFlags(flags.filter(flag => !isHelpFlag(flag))),
    ...notes.flatMap(note => [formatSentence(note), '']),
    'Examples:',
    '',
    '```text',
    ...examples,
    '```',
    '',
    `Prints: ${formatText(prints.replace(/^[A-Z](?=[a-z ])/, first => first.toLowerCase()))}${formatSchemas(schemas)}`,
    '',
    formatOwnErrors(command, shared),
    '',
  ]
}

/** An argument without a description is explained by its name. */
const meaningOfTerm = term => ({ '<task_id>': 'Id of the task', '<kind>': 'Kind of the tasks' })[term] ?? ''

const formatFlags = flags =>
  formatTable(
    ['option', 'meaning'],
    flags.map(({ flags: text, about, choices, default: value, variable }) => [
      formatCode(text),
      formatMeaning(about, choices, value, variable),
    ]),
  )

const formatMeaning = (about, choices, value, variable) =>
  [
    formatSentence(about),
    ...(choices === undefined ? [] : [`One of ${choices.map(formatCode).join(', ')}.`]),
    ...(value === undefined ? [] : [`Default: ${formatDefault(value)}.`]),
    ...(variable === undefined ? [] : [`Variable: \`${variable}\`.`]),
  ].join(' ')

/** A default that is a value is code; one that is a phrase is not. */
const formatDefault = value =>
  /^[\w.]*$/.test(value) && !/^(any|all|detected|now)$/.test(value) ? formatCode(value) : formatText(value)

const formatSchemas = schemas =>
  schemas.length === 0
    ? ''
    : ` Schema: ${schemas
        .map(
          ({ schema, when }) => `[${schema}](json.md#${toAnchor(schema)})${when === undefined ? '' : ` (\`${when}\`)`}`,
        )
        .join(', ')}.`

const formatErrors = errors => errors.map(error => `[\`${error}\`](exit-codes-and-errors.md#${error})`).join(', ')

const formatExitCodes = codes =>
  codes.map(({ exit, errors }) => (errors.length === 0 ? `${exit}` : `${exit}: ${formatErrors(errors)}`)).join('; ')

const formatOwnErrors = (command, shared) => {
  const sharedErrors = shared
    .filter(({ isMember }) => isMember(command))
    .flatMap(({ codes }) => codes.flatMap(({ errors }) => errors))
  const own = command.exit_codes
    .map(({ exit, errors }) => ({
      exit,
      errors: errors.filter(error => !sharedErrors.includes(error)),
      isOnlyCode: errors.length === 0,
    }))
    .filter(({ exit, errors, isOnlyCode }) => errors.length > 0 || (isOnlyCode && exit !== 0))
  const classes = { none: 'does not use the log', read: 'reads the log', write: 'writes to the log' }
  const idempotent = hasRequestId(command) ? ' and has `--request-id`' : ''
  const first = `It ${classes[command.access]}${idempotent}.`
  return own.length === 0 ? first : `${first} Exit codes in addition: ${formatExitCodes(own)}.`
}
