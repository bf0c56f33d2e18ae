// docs/reference/exit-codes-and-errors.md
import { readFileSync } from 'node:fs'
import { readHelp } from './claimlog-help.mjs'
import { formatCode, formatSentence, formatTable, formatText, generatedNote, toAnchor } from './markdown.mjs'

export const renderErrors = () => {
  const { exit_codes, error_codes } = readHelp('exit-codes')
  const { commands } = readHelp()
  const explanations = findExplanations()
  return [
    generatedNote,
    '',
    '# Exit codes and errors',
    '',
    'A command that succeeds exits with 0. One that is refused or fails prints a document on stdout, or with text output a message on stderr:',
    '',
    '```json',
    '{',
    '  "ok": false,',
    '  "error": "not_claimed",',
    '  "message": "inspect-docs is not claimed",',
    '  "hint": "claimlog claim WORKER --task=inspect-docs claims it",',
    '  "task_id": "inspect-docs"',
    '}',
    '```',
    '',
    'The exit code gives the category, `error` the exact cause; both are stable. `message` says what happened and why, `hint` what to do next; their words can change. Some errors have further fields. The library throws a `ClaimlogError` with the same `error`, and its `data` has these fields in camelCase. The document matches [problem.schema.json](json.md#problem).',
    '',
    '## Exit codes',
    '',
    ...formatTable(
      ['exit code', 'meaning', 'errors'],
      exit_codes.map(({ exit, means, errors }) => [
        `${exit}`,
        formatText(means),
        errors.map(error => `[\`${error}\`](#${error})`).join(', '),
      ]),
    ),
    '## Errors',
    '',
    ...error_codes.flatMap(error => renderError(error, commands, explanations)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const renderError = ({ error, exit, means, fix, fields }, commands, explanations) => [
  `### ${error}`,
  '',
  `Exit code ${exit}. ${formatSentence(means)} ${formatSentence(fix)} [More](../troubleshooting.md#${explanations.get(error)}).`,
  '',
  ...formatTable(
    ['field', 'meaning'],
    fields.map(({ name, means: meaning }) => [formatCode(name), formatText(meaning)]),
  ),
  ...formatCommands(error, commands),
]

/** The commands that return an error, unless most of them do. */
const formatCommands = (error, commands) => {
  const returning = commands.filter(({ exit_codes }) => exit_codes.some(({ errors }) => errors.includes(error)))
  if (returning.length === 0) return ['Only the library returns it.', '']
  if (returning.length > commands.length / 3) return []
  return [`Returned by ${returning.map(({ name }) => `[\`${name}\`](commands.md#${name})`).join(', ')}.`, '']
}

/** The anchor of the heading in docs/troubleshooting.md that names each error. */
const findExplanations = () => {
  const page = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8')
  return new Map(
    [...page.matchAll(/^### (.*\(exit \d+\).*)$/gm)].flatMap(([, heading]) =>
      [...heading.matchAll(/`(\w+)`/g)].map(([, error]) => [error, toAnchor(heading)]),
    ),
  )
}
