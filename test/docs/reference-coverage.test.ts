import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { historyFormats, taskFormats } from '@claimlog/exporters'
import { startAgent } from '../support/mcp-agent.ts'
import { claimlog, temporaryDirectory } from '../support/claimlog-process.ts'

// What the program has is listed here from other sources than those of the generator: the text of --help, the published
// schemas, the sources of the program. A generator that leaves something out fails.

const root = fileURLToPath(new URL('../..', import.meta.url))
const readPage = (name: string): string => readFileSync(join(root, 'docs/reference', name), 'utf8')

type PublishedSchema = { readonly [keyword: string]: unknown }

const schemasDir = join(root, 'packages/claimlog/schemas')
const readSchema = (name: string): PublishedSchema =>
  JSON.parse(readFileSync(join(schemasDir, `${name}.schema.json`), 'utf8')) as PublishedSchema

/** The values that a schema allows for the fields of this name, wherever they are. */
const listValues = (schema: unknown, field: string): ReadonlyArray<string> => {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([name, value]: readonly [string, unknown]) => {
    const { const: only, enum: words = [] } = (name === field ? value : {}) as {
      readonly const?: string
      readonly enum?: ReadonlyArray<string>
    }
    return [...(only === undefined ? [] : [only]), ...words, ...listValues(value, field)]
  })
}

const readHelpText = async (...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout } = await claimlog([...words, '--help'], { cwd: temporaryDirectory() })
  expect(status).toBe(0)
  return stdout
}

/** The first words of the lines under the headings of a help text. */
const listTerms = (help: string): ReadonlyArray<string> =>
  [...help.matchAll(/^ {2}(\S.*?)(?: {2}|\n|$)/gm)].map(([, term = '']) => term)

const listCommands = async (): Promise<ReadonlyArray<string>> => {
  const [, afterOptions = ''] = (await readHelpText()).split(/^ {2}-h, --help.*$/m)
  const [commands = ''] = afterOptions.split(/^Topics/m)
  return listTerms(commands).map(term => term.split(' ')[0] ?? '')
}

/** The part of a page from a heading to the next one of the same level or above. */
const findSection = (page: string, heading: string): string => {
  const level = heading.split(' ')[0]?.length ?? 0
  const [, after = ''] = page.split(new RegExp(`^${heading}$`, 'm'))
  return after.split(new RegExp(`^#{1,${level}} `, 'm'))[0] ?? ''
}

describe('docs/reference/commands.md', () => {
  const page = readPage('commands.md')

  it('has every command of --help, with every option and argument', async () => {
    const commands = await listCommands()
    expect(commands.length).toBeGreaterThan(30)
    const missing = await Promise.all(
      commands.map(async command => {
        const [own = ''] = (await readHelpText(command)).split(/^Global Options:$/m)
        const [, options = ''] = own.split(/^Options:$/m)
        const [, usage = ''] = /^Usage: (.*(?:\n {2,}.*)*)$/m.exec(own) ?? []
        const section = findSection(page, `### ${command}`)
        const terms = [usage.replace(/\s+/g, ' '), ...listTerms(options).map(term => `| \`${term}\` |`)]
        return terms
          .filter(term => !term.includes('-h, --help') && !section.includes(term))
          .map(term => `${command}: ${term}`)
      }),
    )
    expect(missing.flat()).toEqual([])
  })

  it('has every option of all commands', async () => {
    const [, options = ''] = (await readHelpText('claim')).split(/^Global Options:$/m)
    const section = findSection(page, '## Options of every command')
    const terms = listTerms(options)
    expect(terms).toContain('--dir <dir>')
    expect(terms.filter(term => !section.includes(`| \`${term}\` |`))).toEqual([])
  })

  it('has every import and export format', () => {
    const exportFormats = [...Object.keys(taskFormats), ...Object.keys(historyFormats)]
    expect(exportFormats).toContain('csv')
    const exportSection = findSection(page, '### export')
    for (const format of exportFormats) expect(exportSection).toContain(`\`${format}\``)
    const importFormats = listValues(readSchema('import'), 'format')
    expect(importFormats).toContain('beads')
    const importSection = findSection(page, '### import')
    for (const format of importFormats) expect(importSection).toContain(`\`${format}\``)
  })
})

describe('docs/reference/exit-codes-and-errors.md', () => {
  const page = readPage('exit-codes-and-errors.md')
  /** Every error word and exit code in the sources of the program. */
  const source = readFileSync(join(root, 'packages/wire/src/error-codes.ts'), 'utf8')
  const [, table = ''] = /exitCodes = \{\n(.*?)^\}/ms.exec(source) ?? []
  const entries = [...table.matchAll(/^ {2}(\w+): (\w+),$/gm)].map(([, error = '', exit = '']) => ({ error, exit }))

  it('has every error word of the schema, under its exit code', () => {
    const words = listValues(readSchema('problem'), 'error')
    expect(words.length).toBeGreaterThan(30)
    expect(entries.map(({ error }) => error).sort()).toEqual([...words].sort())
    const missing = entries.filter(({ error, exit }) => {
      const code = exit === 'interruptedExitCode' ? '130' : exit
      return !findSection(page, `### ${error}`).startsWith(`\n\nExit code ${code}. `)
    })
    expect(missing).toEqual([])
  })

  it('has every exit code in the table', () => {
    const codes = new Set(['0', '141', ...entries.map(({ exit }) => exit.replace('interruptedExitCode', '130'))])
    const section = findSection(page, '## Exit codes')
    expect([...codes].filter(code => !section.includes(`\n| ${code} | `))).toEqual([])
  })
})

describe('docs/reference/json.md', () => {
  const page = readPage('json.md')
  const types = findSection(page, '## Types')

  for (const file of readdirSync(schemasDir)) {
    const name = file.replace('.schema.json', '')
    it(`has ${file} with each of its fields`, () => {
      const section = findSection(page, `### ${name}`)
      expect(page).toContain(`[${name}](#${name})`)
      const fields = listFieldNames(readSchema(name))
      expect(fields).not.toEqual([])
      // format.md has the fields of events.
      const described = section + types + (name === 'event' ? readPage('format.md') : '')
      expect(fields.filter(field => !described.includes(`| \`${field}\``))).toEqual([])
    })
  }
})

/** The names of all fields in a schema, also those of nested objects. */
const listFieldNames = (schema: unknown): ReadonlyArray<string> => {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, ...others } = schema as { readonly properties?: PublishedSchema }
  const nested = [...Object.values(properties), ...Object.values(others)].flatMap(listFieldNames)
  return [...new Set([...Object.keys(properties), ...nested])]
}

describe('docs/reference/format.md', () => {
  const page = readPage('format.md')
  const { $defs: definitions } = readSchema('event') as { readonly $defs: Readonly<Record<string, PublishedSchema>> }
  const eventTypes = Object.values(definitions).flatMap(({ properties = {}, required = [] }) => {
    const { event, ...fields } = properties as Readonly<Record<string, PublishedSchema>>
    return event === undefined
      ? []
      : [{ event: String(event['const']), fields: Object.keys(fields), required: required as ReadonlyArray<string> }]
  })
  const allFields = [...new Set(eventTypes.flatMap(({ fields }) => fields))]
  const commonFields = allFields.filter(name => eventTypes.every(({ fields }) => fields.includes(name)))

  it('has every event with each of its own fields', () => {
    expect(eventTypes.length).toBeGreaterThan(16)
    const missing = eventTypes.flatMap(({ event, fields, required }) => {
      const [, cells = ''] = new RegExp(`^\\| \`${event}\` \\| ([^|]*) \\| [^|]+ \\|$`, 'm').exec(page) ?? []
      const own = fields.filter(name => !commonFields.includes(name))
      const expected = own.map(name => `\`${name}\`${required.includes(name) ? '' : '?'}`)
      return expected.join(', ') === cells ? [] : [`${event}: ${expected.join(', ')}`]
    })
    expect(missing).toEqual([])
  })

  it('has every field of events with its meaning or value', () => {
    expect(commonFields).toContain('hash')
    expect(allFields.filter(name => !new RegExp(`^\\| \`${name}\`\\?? \\| .+ \\|$`, 'm').test(page))).toEqual([])
  })

  it('has every file of a workspace', () => {
    const names = listSources()
      .flatMap(source => [...source.matchAll(/[nN]ame = '((?:queue|events)\.[\w.]+)'/g)])
      .map(([, name = '']) => name)
    expect(names).toEqual(expect.arrayContaining(['events.jsonl', 'queue.json', 'events.torn']))
    const temporary = /\.(copying|repairing)$/
    expect(names.filter(name => !temporary.test(name) && !page.includes(name))).toEqual([])
  })
})

/** The sources of all packages that ship, without tests. */
const listSources = (): ReadonlyArray<string> =>
  readdirSync(join(root, 'packages'))
    .map(name => join(root, 'packages', name, 'src'))
    .filter(folder => existsSync(folder) && !folder.includes('/bench/'))
    .flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(path => join(folder, path)))
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(path => readFileSync(path, 'utf8'))

describe('docs/reference/configuration.md', () => {
  const page = readPage('configuration.md')

  it('has every variable that the program reads or sets', () => {
    // Constants of the build, and the mark of a process that the watchdog started.
    const internal = ['CLAIMLOG_VERSION', 'CLAIMLOG_KEEP_COMPILED', 'CLAIMLOG_RUN']
    const names = listSources().flatMap(source => source.match(/\b(CLAIMLOG_[A-Z_]+|NO_COLOR|FORCE_COLOR)\b/g) ?? [])
    const variables = [...new Set(names)].filter(name => !internal.includes(name))
    expect(variables.length).toBeGreaterThan(11)
    expect(variables.filter(name => !page.includes(`| \`${name}\` |`))).toEqual([])
  })

  /** A constant of the program, and the row of the page that has its value. */
  const limits: ReadonlyArray<readonly [path: string, name: string, row: string]> = [
    ['event-log-line/src/line.ts', 'lineBytesMax', 'an event in `events.jsonl`'],
    ['importers/src/ndjson.ts', 'lineLengthMax', 'a line of `add -`'],
    ['importers/src/ndjson.ts', 'tasksMax', 'the input of `add -`'],
    ['workspace/src/json-value-limit.ts', 'valuesMax', 'the input of `add -`'],
    ['command-runner/src/result-file.ts', 'resultBytesMax', 'the file `CLAIMLOG_RESULT`'],
    ['codecs/src/json.ts', 'jsonDepthMax', 'levels of a JSON value'],
    ['queue-file/src/update-text.ts', 'finishedTasksMax', '`queue.json`'],
    ['mcp/src/input-filter.ts', 'lineBytesMax', 'a message to `claimlog mcp`'],
  ]
  for (const [path, name, row] of limits)
    it(`has the value of ${name} in ${path}`, () => {
      const source = readFileSync(join(root, 'packages', path), 'utf8')
      const [, product = ''] = new RegExp(`const ${name} = ([\\d_* ]+)$`, 'm').exec(source) ?? []
      const value = product
        .replaceAll('_', '')
        .split('*')
        .reduce((a, b) => a * Number(b), 1)
      const expected = value % 1024 === 0 ? formatBytes(value) : value.toLocaleString('en')
      expect(page.split('\n').find(line => line.startsWith(`| ${row}`))).toContain(expected)
    })
})

const formatBytes = (bytes: number): string =>
  bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`

describe('docs/reference/mcp.md', () => {
  const page = readPage('mcp.md')

  it('has every tool with each argument, and every resource', async () => {
    const { client } = await startAgent({ cwd: temporaryDirectory() })
    const { tools } = await client.listTools()
    const { resources } = await client.listResources()
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(tools.length).toBeGreaterThan(7)
    const missing = tools.flatMap(({ name, inputSchema }) => {
      const section = findSection(page, `### ${name}`)
      const names = Object.keys(inputSchema.properties ?? {})
      return names.filter(each => !section.includes(`\n| \`${each}\` |`)).map(each => `${name}: ${each}`)
    })
    expect(missing).toEqual([])
    const uris = [...resources.map(({ uri }) => uri), ...resourceTemplates.map(({ uriTemplate }) => uriTemplate)]
    expect(uris.filter(uri => !page.includes(`| \`${uri}\` |`))).toEqual([])
  })
})

describe('docs/reference/library', () => {
  const page = readPage('library/index.md')

  it('has every method of a queue with its sentence', () => {
    const source = readFileSync(join(root, 'packages/client/src/queue-methods.ts'), 'utf8')
    const methods = [...source.matchAll(/^ {2}(?:readonly )?(\w+)[:(<]/gm)].map(([, name = '']) => name)
    expect(methods).toEqual(expect.arrayContaining(['claim', 'complete', 'trace']))
    expect(
      methods.filter(name => !new RegExp(`^#+ ${name}\\b|\`${name}\\b|id="${name.toLowerCase()}"`, 'm').test(page)),
    ).toEqual([])
  })
})
