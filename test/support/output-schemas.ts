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

/** Throws unless `document` is what the published schema of that name says. */
export const expectSchema = (name: string, document: unknown): void => {
  const validate = validatorOf(name)
  if (validate(document)) return
  const problems = (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `  ${instancePath} ${message}: ${JSON.stringify(params)}\n`,
  )
  throw new Error(`not as ${name}.schema.json says:\n${problems.join('')}${JSON.stringify(document, null, 2)}`)
}

/** The schema of what a command prints, by the words it is given after its name. */
type SchemaOf = (words: ReadonlyArray<string>) => string

const always =
  (name: string): SchemaOf =>
  () =>
    name

/** Whoever ends a claim may want the next task. */
const endOfClaim: SchemaOf = words => (words.includes('--claim-next') ? 'claim-next' : 'task')

/** The commands that answer programs; what they print is always JSON. */
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

/** What `help` tells beside the commands. */
const topics = ['exit-codes', 'environment', 'log-format']

/** The commands that answer people, and programs with `--json`. */
const views: Readonly<Record<string, SchemaOf>> = {
  ...Object.fromEntries(
    ['list', 'show', 'status', 'why', 'trace', 'diff', 'verify', 'doctor', 'repair', 'reconcile', 'metrics'].map(
      name => [name, always(name)],
    ),
  ),
  completion: always('completion'),
  // What a hook prints is by the agent's own protocol.
  prime: always('prime'),
  setup: words => (words.some(word => !word.startsWith('-')) ? 'setup' : 'setup-agents'),
  help: ([topic]) =>
    topic === undefined || topic === '--json' ? 'help' : topics.includes(topic) ? topic : 'help-command',
  replay: words => (words.some(word => /^--at(=|$)/.test(word)) ? 'queue' : 'replay'),
}

/** The commands that print more than one document, or whose first argument says what they print. */
const inOtherWays = ['tail', 'work', 'mcp', 'export']

/** The commands whose output has a schema. */
export const describedCommands: ReadonlyArray<string> = [...Object.keys(orders), ...Object.keys(views), ...inOtherWays]

/** A diagnosis may say `ok: false` too, and names no error. */
const isRefusal = (document: unknown): boolean =>
  typeof document === 'object' &&
  document !== null &&
  (document as { readonly ok?: unknown }).ok === false &&
  'error' in document

/**
 * Throws unless the JSON that `claimlog` printed, run with `words`, is what its published schema says: one document, or
 * one a line for `tail` and `work`; a refusal is one of any command. What people read is passed over.
 */
export const expectDescribed = (given: ReadonlyArray<string>, stdout: string): void => {
  // What follows is another program's.
  const words = given.includes('--') && given.includes('work') ? given.slice(0, given.indexOf('--')) : given
  const at = words.findIndex(word => describedCommands.includes(word))
  const [name = '', ...rest] = at === -1 ? [] : words.slice(at)
  if (stdout === '' || words.some(word => ['-h', '--help'].includes(word))) return
  if (words.some(word => ['-V', '--version'].includes(word)))
    return words.includes('--json') ? expectDocument('version', stdout) : undefined
  if (name === 'tail') {
    // Words that it did not understand are answered in a document like any other command's.
    const texts = stdout.startsWith('{\n') ? [stdout] : stdout.trimEnd().split('\n')
    for (const text of texts) expectDocument('event', text)
    return
  }
  // It speaks its protocol, in whose answers its own documents are: see mcp-agent.ts.
  if (name === 'mcp') return
  if (name === 'work') {
    if (words.includes('--json')) for (const text of stdout.trimEnd().split('\n')) expectDocument('work-event', text)
    return
  }
  if (name === 'export') return expectExported(rest, stdout)
  const schemaOf = orders[name] ?? (words.includes('--json') ? views[name] : undefined)
  if (schemaOf !== undefined) expectDocument(schemaOf(rest), stdout)
  // Whatever it was that claimlog did not understand, it says so as it says any other no.
  else if (views[name] === undefined && stdout.startsWith('{')) expectDocument('problem', stdout)
}

/** The formats of other programs are described by whoever made them. */
const expectExported = (words: ReadonlyArray<string>, stdout: string): void => {
  if (stdout.startsWith('{\n')) expectDocument('problem', stdout)
  else if (words.includes('log')) for (const text of stdout.trimEnd().split('\n')) expectDocument('event', text)
  else if (words.includes('json')) expectDocument('export', stdout)
}

const expectDocument = (name: string, text: string): void => {
  const document: unknown = JSON.parse(text)
  expectSchema(isRefusal(document) ? 'problem' : name, document)
}
