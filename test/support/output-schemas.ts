import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { expectDeclaredError } from './help/declared-errors.ts'

const dir = fileURLToPath(new URL('../../packages/claimlog/schemas/', import.meta.url))
const ajv = new Ajv2020({ strict: true })
ajvFormats.default(ajv, ['date-time'])

const compiled = new Map<string, ValidateFunction>()

const loadValidator = (name: string): ValidateFunction => {
  const cached = compiled.get(name)
  if (cached !== undefined) return cached
  const validator = ajv.compile(JSON.parse(readFileSync(`${dir}${name}.schema.json`, 'utf8')) as object)
  compiled.set(name, validator)
  return validator
}

/** Throws unless `document` matches the published schema of that name. */
export const expectSchema = (name: string, document: unknown): void => {
  const validate = loadValidator(name)
  if (validate(document)) return
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `  ${instancePath} ${message}: ${JSON.stringify(params)}\n`,
  )
  throw new Error(`does not match ${name}.schema.json:\n${problems.join('')}${JSON.stringify(document, null, 2)}`)
}

/** Returns the schema of a command's output, given the arguments after its name. */
type SchemaSelector = (args: ReadonlyArray<string>) => string

const selectAlways =
  (name: string): SchemaSelector =>
  () =>
    name

const endClaimSchema: SchemaSelector = args => (args.includes('--claim-next') ? 'claim-next' : 'task')

/** The commands for programs: they always print JSON. */
const programCommands: Readonly<Record<string, SchemaSelector>> = {
  init: selectAlways('init'),
  add: args => (args[0] === '-' ? 'add-many' : 'add'),
  import: selectAlways('import'),
  claim: args => (args.some(word => /^--count(=|$)/.test(word)) ? 'claim-count' : 'claim'),
  complete: endClaimSchema,
  fail: endClaimSchema,
  ...Object.fromEntries(
    ['renew', 'release', 'hold', 'unhold', 'cancel', 'retry', 'amend', 'note'].map(name => [
      name,
      selectAlways('task'),
    ]),
  ),
  pause: selectAlways('rules'),
  resume: selectAlways('rules'),
  limit: selectAlways('rules'),
  wait: selectAlways('wait'),
}

/** The topics of `help` in addition to the commands. */
const topics = ['exit-codes', 'environment', 'log-format']

/** The commands for people; they print JSON with `--json`. */
const peopleCommands: Readonly<Record<string, SchemaSelector>> = {
  ...Object.fromEntries(
    [
      'list',
      'show',
      'status',
      'why',
      'trace',
      'diff',
      'verify',
      'doctor',
      'repair',
      'reconcile',
      'metrics',
      'migrate',
      'move',
    ].map(name => [name, selectAlways(name)]),
  ),
  completion: selectAlways('completion'),
  // The output of a hook follows the agent's protocol, and has no schema here.
  prime: selectAlways('prime'),
  setup: args => (args.some(word => !word.startsWith('-')) ? 'setup' : 'setup-agents'),
  help: ([topic]) =>
    topic === undefined || topic === '--json' ? 'help' : topics.includes(topic) ? topic : 'help-command',
  replay: args => (args.some(word => /^--at(=|$)/.test(word)) ? 'queue' : 'replay'),
}

/** The commands that print more than one document, or whose first argument determines the format. */
const otherCommands = ['tail', 'work', 'mcp', 'export']

/** The commands whose output has a schema. */
export const commandsWithSchema: ReadonlyArray<string> = [
  ...Object.keys(programCommands),
  ...Object.keys(peopleCommands),
  ...otherCommands,
]

/** A diagnosis can have `ok: false` too, but has no `error`. */
const isRefusal = (document: unknown): document is Readonly<Record<string, unknown>> =>
  typeof document === 'object' &&
  document !== null &&
  (document as { readonly ok?: unknown }).ok === false &&
  'error' in document

/**
 * Throws unless the JSON that `claimlog` printed matches its published schema: one document, or one per line for `tail`
 * and `work`. Any command may print a refusal. Text for people is not checked.
 */
export const expectOutputSchema = (argv: ReadonlyArray<string>, stdout: string): void => {
  // The words after `--` belong to another program.
  const args = argv.includes('--') && argv.includes('work') ? argv.slice(0, argv.indexOf('--')) : argv
  const commandIndex = args.findIndex(word => commandsWithSchema.includes(word))
  const [name = '', ...rest] = commandIndex === -1 ? [] : args.slice(commandIndex)
  if (stdout === '' || args.some(word => ['-h', '--help'].includes(word))) return
  if (args.some(word => ['-V', '--version'].includes(word)))
    return args.includes('--json') ? expectDocument(name, 'version', stdout) : undefined
  if (name === 'tail') {
    // A usage error is one document, as for any other command.
    const texts = stdout.startsWith('{\n') ? [stdout] : stdout.trimEnd().split('\n')
    for (const text of texts) expectDocument(name, 'event', text)
    return
  }
  // Its documents are inside protocol messages: mcp-agent.ts checks them.
  if (name === 'mcp') return
  if (name === 'work') {
    if (args.includes('--json'))
      for (const text of stdout.trimEnd().split('\n')) expectDocument(name, 'work-event', text)
    return
  }
  if (name === 'export') return expectExportSchema(rest, stdout)
  const selectSchema = programCommands[name] ?? (args.includes('--json') ? peopleCommands[name] : undefined)
  if (selectSchema !== undefined) expectDocument(name, selectSchema(rest), stdout)
  // A usage error has the same shape as any other refusal.
  else if (peopleCommands[name] === undefined && stdout.startsWith('{')) expectDocument(name, 'problem', stdout)
}

/** Formats of other programs have no schema here. */
const expectExportSchema = (args: ReadonlyArray<string>, stdout: string): void => {
  if (stdout.startsWith('{\n')) expectDocument('export', 'problem', stdout)
  else if (args.includes('log'))
    for (const text of stdout.trimEnd().split('\n')) expectDocument('export', 'event', text)
  else if (args.includes('json')) expectDocument('export', 'export', stdout)
}

const expectDocument = (command: string, schema: string, text: string): void => {
  const document: unknown = JSON.parse(text)
  if (isRefusal(document)) expectDeclaredError(command, document)
  expectSchema(isRefusal(document) ? 'problem' : schema, document)
}
