import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'

const dir = fileURLToPath(new URL('../../packages/cli/schemas/', import.meta.url))
const ajv = new Ajv2020({ strict: true })
ajvFormats.default(ajv, ['date-time'])

const compiled = new Map<string, ValidateFunction>()

const validatorOf = (name: string): ValidateFunction => {
  const known = compiled.get(name)
  if (known !== undefined) return known
  const validator = ajv.compile(JSON.parse(readFileSync(`${dir}${name}.schema.json`, 'utf8')) as object)
  compiled.set(name, validator)
  return validator
}

/** Throws unless `document` matches the published schema of that name. */
export const expectSchema = (name: string, document: unknown): void => {
  const validate = validatorOf(name)
  if (validate(document)) return
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `  ${instancePath} ${message}: ${JSON.stringify(params)}\n`,
  )
  throw new Error(`does not match ${name}.schema.json:\n${problems.join('')}${JSON.stringify(document, null, 2)}`)
}

/** Returns the schema of a command's output, given the arguments after its name. */
type SchemaOf = (words: ReadonlyArray<string>) => string

const always =
  (name: string): SchemaOf =>
  () =>
    name

const endOfClaim: SchemaOf = words => (words.includes('--claim-next') ? 'claim-next' : 'task')

/** The commands for programs: they always print JSON. */
const orders: Readonly<Record<string, SchemaOf>> = {
  init: always('init'),
  add: words => (words[0] === '-' ? 'add-many' : 'add'),
  import: always('import'),
  claim: words => (words.some(word => /^--count(=|$)/.test(word)) ? 'claim-count' : 'claim'),
  complete: endOfClaim,
  fail: endOfClaim,
  ...Object.fromEntries(
    ['renew', 'release', 'hold', 'unhold', 'cancel', 'retry', 'amend', 'note'].map(name => [name, always('task')]),
  ),
  pause: always('rules'),
  resume: always('rules'),
  limit: always('rules'),
  wait: always('wait'),
}

/** The topics of `help` in addition to the commands. */
const topics = ['exit-codes', 'environment', 'log-format']

/** The commands for people; they print JSON with `--json`. */
const views: Readonly<Record<string, SchemaOf>> = {
  ...Object.fromEntries(
    ['list', 'show', 'status', 'why', 'trace', 'diff', 'verify', 'doctor', 'repair', 'reconcile', 'metrics'].map(
      name => [name, always(name)],
    ),
  ),
  completion: always('completion'),
  // The output of a hook follows the agent's protocol, and has no schema here.
  prime: always('prime'),
  setup: words => (words.some(word => !word.startsWith('-')) ? 'setup' : 'setup-agents'),
  help: ([topic]) =>
    topic === undefined || topic === '--json' ? 'help' : topics.includes(topic) ? topic : 'help-command',
  replay: words => (words.some(word => /^--at(=|$)/.test(word)) ? 'queue' : 'replay'),
}

/** The commands that print more than one document, or whose first argument determines the format. */
const inOtherWays = ['tail', 'work', 'mcp', 'export']

/** The commands whose output has a schema. */
export const describedCommands: ReadonlyArray<string> = [...Object.keys(orders), ...Object.keys(views), ...inOtherWays]

/** A diagnosis can have `ok: false` too, but has no `error`. */
const isRefusal = (document: unknown): boolean =>
  typeof document === 'object' &&
  document !== null &&
  (document as { readonly ok?: unknown }).ok === false &&
  'error' in document

/**
 * Throws unless the JSON that `claimlog` printed matches its published schema: one document, or one per line for `tail`
 * and `work`. Any command may print a refusal. Text for people is not checked.
 */
export const expectDescribed = (given: ReadonlyArray<string>, stdout: string): void => {
  // The words after `--` belong to another program.
  const words = given.includes('--') && given.includes('work') ? given.slice(0, given.indexOf('--')) : given
  const at = words.findIndex(word => describedCommands.includes(word))
  const [name = '', ...rest] = at === -1 ? [] : words.slice(at)
  if (stdout === '' || words.some(word => ['-h', '--help'].includes(word))) return
  if (words.some(word => ['-V', '--version'].includes(word)))
    return words.includes('--json') ? expectDocument('version', stdout) : undefined
  if (name === 'tail') {
    // A usage error is one document, as for any other command.
    const texts = stdout.startsWith('{\n') ? [stdout] : stdout.trimEnd().split('\n')
    for (const text of texts) expectDocument('event', text)
    return
  }
  // Its documents are inside protocol messages: mcp-agent.ts checks them.
  if (name === 'mcp') return
  if (name === 'work') {
    if (words.includes('--json')) for (const text of stdout.trimEnd().split('\n')) expectDocument('work-event', text)
    return
  }
  if (name === 'export') return expectExported(rest, stdout)
  const schemaOf = orders[name] ?? (words.includes('--json') ? views[name] : undefined)
  if (schemaOf !== undefined) expectDocument(schemaOf(rest), stdout)
  // A usage error has the same shape as any other refusal.
  else if (views[name] === undefined && stdout.startsWith('{')) expectDocument('problem', stdout)
}

/** Formats of other programs have no schema here. */
const expectExported = (words: ReadonlyArray<string>, stdout: string): void => {
  if (stdout.startsWith('{\n')) expectDocument('problem', stdout)
  else if (words.includes('log')) for (const text of stdout.trimEnd().split('\n')) expectDocument('event', text)
  else if (words.includes('json')) expectDocument('export', stdout)
}

const expectDocument = (name: string, text: string): void => {
  const document: unknown = JSON.parse(text)
  expectSchema(isRefusal(document) ? 'problem' : name, document)
}
