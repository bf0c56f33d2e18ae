import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseOutput, claimlog, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'

const cli = fileURLToPath(new URL('../../packages/claimlog/', import.meta.url))
const manualPath = join(cli, 'dist', 'claimlog.1')

const runHelp = async (...words: ReadonlyArray<string>): Promise<string> => {
  const result = await claimlog(['help', ...words], { cwd: temporaryDirectory() })
  expect(result).toMatchObject({ status: 0, stderr: '' })
  return result.stdout
}
const runHelpJson = async <A>(...words: ReadonlyArray<string>): Promise<A> =>
  JSON.parse(await runHelp(...words, '--json')) as A

type HelpCommand = {
  readonly name: string
  readonly usage: string
  readonly group: string
  readonly prints: string
  readonly flags: ReadonlyArray<{ readonly flags: string; readonly variable?: string }>
}
type HelpDocument = {
  readonly commands: ReadonlyArray<HelpCommand>
  readonly flags: HelpCommand['flags']
  readonly topics: ReadonlyArray<{ readonly name: string }>
}

/** Text with all whitespace collapsed, because help wraps lines. */
const collapseWhitespace = (text: string): string => text.replace(/\s+/g, ' ')

describe('a help topic', () => {
  test('about exit codes has each code and each error once', async () => {
    type ExitCodeEntry = { readonly exit: number; readonly means: string; readonly errors: ReadonlyArray<string> }
    type ErrorEntry = { readonly error: string; readonly exit: number; readonly means: string; readonly fix: string }
    const { exit_codes: codes, error_codes: errorCodes } = await runHelpJson<{
      readonly exit_codes: ReadonlyArray<ExitCodeEntry>
      readonly error_codes: ReadonlyArray<ErrorEntry>
    }>('exit-codes')
    expect(errorCodes.map(({ error, exit }) => [error, exit])).toEqual(
      codes.flatMap(({ exit, errors }) => errors.map(error => [error, exit])),
    )
    const text = collapseWhitespace(await runHelp('exit-codes'))
    for (const { exit, means, errors } of codes)
      expect(text).toContain(errors.length === 0 ? `${exit} ${means}` : `${exit} ${means}: ${errors.join(', ')}`)
    for (const { error, means, fix } of errorCodes) expect(text).toContain(`${error} ${means}: ${fix}`)
  })

  test('about the environment has the variable of each flag', async () => {
    type Variable = { readonly name: string; readonly flag?: string }
    type Environment = { readonly read: ReadonlyArray<Variable>; readonly given: ReadonlyArray<Variable> }
    const { read, given } = await runHelpJson<Environment>('environment')
    const { commands, flags } = await runHelpJson<HelpDocument>()
    const variables = [...flags, ...commands.flatMap(command => command.flags)].flatMap(flag => flag.variable ?? [])
    expect(read.filter(({ flag }) => flag !== undefined).map(({ name }) => name)).toEqual(variables)
    expect(variables).toEqual(expect.arrayContaining(['CLAIMLOG_DIR', 'CLAIMLOG_BY']))
    expect(given.map(({ name }) => name)).toEqual(
      ['TASK_ID', 'KIND', 'TOKEN', 'ATTEMPT', 'WORKER', 'LEASE', 'LOG', 'DIR', 'RESULT', 'BY'].map(
        name => `CLAIMLOG_${name}`,
      ),
    )
    const text = await runHelp('environment')
    for (const { name } of [...read, ...given]) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'))
  })

  test('about the log format has each event, and the common fields in their order', async () => {
    const { events, fields } = await runHelpJson<{
      readonly events: ReadonlyArray<unknown>
      readonly fields: ReadonlyArray<{ readonly name: string }>
    }>('log-format')
    expect(fields.map(({ name }) => name)).toEqual([
      ...['seq', 'event', 'by', 'request_id', 'clock', 'boot', 'up_ms', 'time', 'more', 'hash'],
    ])
    expect(events).toHaveLength(18)
    expect(await runHelp('log-format')).toMatch(/^ {2}claimed +a worker claimed the task/m)
  })

  test('is listed by help, and an unknown topic is refused', async () => {
    const list = await runHelp()
    const { topics } = await runHelpJson<HelpDocument>()
    expect(topics.map(({ name }) => name)).toEqual(['exit-codes', 'environment', 'log-format'])
    for (const { name } of topics) expect(list).toMatch(new RegExp(`^  ${name} `, 'm'))
    const cwd = temporaryDirectory()
    const refused = await claimlog(['help', 'exit', '--json'], { cwd })
    expect([refused.status, parseOutput(refused)]).toEqual([2, expect.objectContaining({ error: 'usage' })])
    expect(await claimlog(['help', 'exit\u001b[2J'], { cwd })).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('there is no command or topic exit\\u001b[2J') as string,
    })
  })
})

test('help as JSON describes every command like --help', async () => {
  const cwd = temporaryDirectory()
  const { commands, flags } = await runHelpJson<HelpDocument>()
  expect(commands.length).toBeGreaterThan(25)
  for (const command of commands) {
    const { stdout } = await claimlog([command.name, '--help'], { cwd })
    for (const { flags: flagText } of [...command.flags, ...flags]) expect(stdout).toContain(`  ${flagText}`)
    expect(await runHelpJson(command.name)).toEqual(command)
    expect({ ...command, group: command.group.length > 0, prints: command.prints.length > 0 }).toMatchObject({
      name: command.name,
      group: true,
      prints: true,
    })
  }
})

test('every command refuses unknown flags as JSON with --json', async () => {
  const { cwd, run: runHere } = await newWorkspace()
  const { commands } = await runHelpJson<HelpDocument>()
  for (const { name } of commands) {
    const refused = await runHere([name, '--no-such-flag', '--json'])
    expect({ name, ...refused, answer: parseOutput(refused)['error'] }).toMatchObject({
      status: 2,
      stderr: '',
      answer: 'usage',
    })
  }
  expect(parseOutput(await claimlog(['--json'], { cwd }))).toMatchObject({ ok: false, message: 'no command is given' })
})

test('the version as JSON has the Node version and the log format', async () => {
  const { version } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as { readonly version: string }
  const cwd = temporaryDirectory()
  const expected = { version, node: process.versions.node, log_format: 1 }
  expect(parseOutput(await claimlog(['--version', '--json'], { cwd }))).toEqual(expected)
})

describe('the manual page', () => {
  const page = readFileSync(manualPath, 'utf8')

  test('has every command, flag, exit code and variable, and is installed', async () => {
    const { commands, flags } = await runHelpJson<HelpDocument>()
    const plain = page.replaceAll('\\-', '-')
    for (const { usage, flags: own } of commands) {
      expect(plain).toContain(`\n${usage}\n`)
      for (const { flags: flagText } of own)
        if (!flagText.includes('--help')) expect(plain).toContain(`\n.B ${flagText}\n`)
    }
    for (const { flags: flagText } of flags) expect(plain).toContain(`\n.B ${flagText}\n`)
    for (const word of ['lock_timeout', 'CLAIMLOG_DURABILITY', 'CLAIMLOG_TOKEN', '.B claimed'])
      expect(plain).toContain(word)
    const manifest = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8')) as {
      readonly man: ReadonlyArray<string>
    }
    expect(manifest.man.map(path => join(cli, path))).toEqual([manualPath])
  })

  itIfPossible(programMissing('groff', '--version'))('has no errors in groff', async () => {
    const words = ['-ww', '-man', '-Tutf8', manualPath]
    const { status, stdout, stderr } = await run('groff', words, { cwd: temporaryDirectory() })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('claimlog')
  })

  itIfPossible(programMissing('man', '--version'))('is displayed by man without a warning', async () => {
    const env = { LC_ALL: 'C.UTF-8', MANWIDTH: '100', MANROFFOPT: '', PAGER: 'cat' }
    const { status, stdout, stderr } = await run('man', ['--warnings', '-l', manualPath], {
      cwd: temporaryDirectory(),
      env,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain("claimlog add docs inspect-docs --title 'Read the docs'")
  })
})
