import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { answer, claimlog, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { itWherePossible, programMissing } from '../support/machine/it-where-possible.ts'

const cli = fileURLToPath(new URL('../../packages/cli/', import.meta.url))
const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const format = readFileSync(new URL('../../docs/format.md', import.meta.url), 'utf8')
const manual = join(cli, 'dist', 'claimlog.1')

const told = async (...words: ReadonlyArray<string>): Promise<string> => {
  const finished = await claimlog(['help', ...words], { cwd: temporaryDirectory() })
  expect(finished).toMatchObject({ status: 0, stderr: '' })
  return finished.stdout
}
const toldAsJson = async <A>(...words: ReadonlyArray<string>): Promise<A> =>
  JSON.parse(await told(...words, '--json')) as A

type Command = {
  readonly name: string
  readonly usage: string
  readonly flags: ReadonlyArray<{ readonly flags: string; readonly variable?: string }>
}
type Reference = {
  readonly commands: ReadonlyArray<Command>
  readonly flags: Command['flags']
  readonly topics: ReadonlyArray<{ readonly name: string }>
}

/** Text with all whitespace collapsed, because help wraps lines. */
const flowing = (text: string): string => text.replace(/\s+/g, ' ')

describe('a help topic', () => {
  test('about exit codes has each code and each error once, like the README', async () => {
    type Code = { readonly exit: number; readonly means: string; readonly errors: ReadonlyArray<string> }
    const { exit_codes: codes } = await toldAsJson<{ readonly exit_codes: ReadonlyArray<Code> }>('exit-codes')
    const rows = [...readme.matchAll(/^\| (\d+) \| ([^|]+) \|([^|]*)\|$/gm)].map(([, exit, means, errors = '']) => ({
      exit: Number(exit),
      means,
      errors: [...errors.matchAll(/`(\w+)`/g)].map(([, word]) => word).sort(),
    }))
    expect(codes.map(({ exit, means, errors }) => ({ exit, means, errors: [...errors].sort() }))).toEqual(rows)
    const text = flowing(await told('exit-codes'))
    for (const { exit, means, errors } of codes)
      expect(text).toContain(errors.length === 0 ? `${exit} ${means}` : `${exit} ${means}: ${errors.join(', ')}`)
  })

  test('about the environment has the variable of each flag', async () => {
    type Read = { readonly name: string; readonly flag?: string }
    type Environment = { readonly read: ReadonlyArray<Read>; readonly given: ReadonlyArray<Read> }
    const { read, given } = await toldAsJson<Environment>('environment')
    const { commands, flags } = await toldAsJson<Reference>()
    const variables = [...flags, ...commands.flatMap(command => command.flags)].flatMap(flag => flag.variable ?? [])
    expect(read.filter(({ flag }) => flag !== undefined).map(({ name }) => name)).toEqual(variables)
    expect(variables).toEqual(expect.arrayContaining(['CLAIMLOG_DIR', 'CLAIMLOG_BY']))
    expect(given.map(({ name }) => name)).toEqual(
      ['TASK_ID', 'KIND', 'TOKEN', 'ATTEMPT', 'WORKER', 'LEASE', 'DIR', 'RESULT', 'BY'].map(name => `CLAIMLOG_${name}`),
    )
    const text = await told('environment')
    for (const { name } of [...read, ...given]) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'))
  })

  test('about the log format has each event with its fields, like docs/format.md', async () => {
    type Field = { readonly name: string }
    type Events = ReadonlyArray<{ readonly event: string; readonly fields: ReadonlyArray<Field> }>
    const { events, fields } = await toldAsJson<{ readonly events: Events; readonly fields: ReadonlyArray<Field> }>(
      'log-format',
    )
    expect(fields.map(({ name }) => name)).toEqual([
      ...['seq', 'event', 'by', 'request_id', 'clock', 'boot', 'up_ms', 'time', 'more', 'hash'],
    ])
    const [, ...rows] = [...format.matchAll(/^\| (.+?) \| (.*?) \|/gm)].map(([, names = '', own = '']) => ({
      names,
      own,
    }))
    for (const { event, fields: own } of events) {
      const row = rows.find(({ names }) => names.includes(`\`${event}\``))
      if (event !== 'amended') for (const { name } of own) expect(row?.own).toContain(`\`${name}\``)
    }
    expect(events).toHaveLength(17)
    expect(await told('log-format')).toMatch(/^ {2}claimed +a worker claimed the task/m)
  })

  test('is listed by help, and an unknown topic is refused', async () => {
    const list = await told()
    const { topics } = await toldAsJson<Reference>()
    expect(topics.map(({ name }) => name)).toEqual(['exit-codes', 'environment', 'log-format'])
    for (const { name } of topics) expect(list).toMatch(new RegExp(`^  ${name} `, 'm'))
    const cwd = temporaryDirectory()
    const refused = await claimlog(['help', 'exit', '--json'], { cwd })
    expect([refused.status, answer(refused)]).toEqual([2, expect.objectContaining({ error: 'usage' })])
    expect(await claimlog(['help', 'exit\u001b[2J'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('there is no command or topic exit\\u001b[2J') as string,
    })
  })
})

test('help as JSON describes every command like --help', async () => {
  const cwd = temporaryDirectory()
  const { commands, flags } = await toldAsJson<Reference>()
  expect(commands.length).toBeGreaterThan(25)
  for (const command of commands) {
    const { stdout } = await claimlog([command.name, '--help'], { cwd })
    for (const { flags: written } of [...command.flags, ...flags]) expect(stdout).toContain(`  ${written}`)
    expect(await toldAsJson(command.name)).toEqual(command)
  }
})

test('every command refuses unknown flags as JSON with --json', async () => {
  const { cwd, run: claimlogHere } = await newWorkspace()
  const { commands } = await toldAsJson<Reference>()
  for (const { name } of commands) {
    const refused = await claimlogHere([name, '--no-such-flag', '--json'])
    expect({ name, ...refused, answer: answer(refused)['error'] }).toMatchObject({
      status: 2,
      stderr: '',
      answer: 'usage',
    })
  }
  expect(answer(await claimlog(['--json'], { cwd }))).toMatchObject({ ok: false, message: 'no command is given' })
})

test('the version as JSON has the Node version and the log format', async () => {
  const { version } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as { readonly version: string }
  const cwd = temporaryDirectory()
  const expected = { version, node: process.versions.node, log_format: 1 }
  expect(answer(await claimlog(['--version', '--json'], { cwd }))).toEqual(expected)
})

describe('the manual page', () => {
  const page = readFileSync(manual, 'utf8')

  test('has every command, flag, exit code and variable, and is installed', async () => {
    const { commands, flags } = await toldAsJson<Reference>()
    const plain = page.replaceAll('\\-', '-')
    for (const { usage, flags: own } of commands) {
      expect(plain).toContain(`\n${usage}\n`)
      for (const { flags: written } of own)
        if (!written.includes('--help')) expect(plain).toContain(`\n.B ${written}\n`)
    }
    for (const { flags: written } of flags) expect(plain).toContain(`\n.B ${written}\n`)
    for (const word of ['lock_timeout', 'CLAIMLOG_DURABILITY', 'CLAIMLOG_TOKEN', '.B claimed'])
      expect(plain).toContain(word)
    const manifest = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as {
      readonly man: ReadonlyArray<string>
    }
    expect(manifest.man.map(path => join(cli, path))).toEqual([manual])
  })

  itWherePossible(programMissing('groff', '--version'))('has no errors in groff', async () => {
    const words = ['-ww', '-man', '-Tutf8', manual]
    const { status, stdout, stderr } = await run('groff', words, { cwd: temporaryDirectory() })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('claimlog')
  })

  itWherePossible(programMissing('man', '--version'))('is displayed by man without a warning', async () => {
    const env = { LC_ALL: 'C.UTF-8', MANWIDTH: '100', MANROFFOPT: '', PAGER: 'cat' }
    const { status, stdout, stderr } = await run('man', ['--warnings', '-l', manual], {
      cwd: temporaryDirectory(),
      env,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain("claimlog add docs inspect-docs --title 'Read the docs'")
  })
})
