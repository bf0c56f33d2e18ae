import { Command as Commander } from 'commander'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { Command, InvalidArgumentError, NeedsCommander } from './argv.ts'
import { createRequestIdOption, addSettingsFlags } from '../input/arguments.ts'
import { workerCommands } from './worker-commands.ts'

// As in the bundle for workers: the same definitions, with argv.ts instead of commander.
vi.doMock('commander', () => import('./argv.ts'))
vi.resetModules()
const fastPath = {
  ...(await import('./worker-commands.ts')),
  ...(await import('../input/arguments.ts')),
}
afterAll(() => vi.doUnmock('commander'))

type CommandName = keyof typeof workerCommands
/** The parsed command line: its arguments, and every flag that has a value. */
type ParsedArguments = { readonly operands: ReadonlyArray<unknown>; readonly flags: Record<string, unknown> }

const names = Object.keys(workerCommands) as ReadonlyArray<CommandName>

const findName = (words: ReadonlyArray<string>): CommandName =>
  words.find(word => names.includes(word as CommandName)) as CommandName

const captureArguments = (
  program: { readonly commands: ReadonlyArray<unknown> },
  run: () => void,
): ParsedArguments | undefined => {
  let result: ParsedArguments | undefined
  const [command] = program.commands as [Commander]
  command.action((...words: Array<unknown>) => {
    const flags = Object.entries(command.optsWithGlobals()).filter(([, value]) => value !== undefined)
    result = { operands: words.slice(0, -2), flags: Object.fromEntries(flags) }
  })
  run()
  return result
}

/** The words as commander parses them; undefined if it reports an error. */
const parseWithCommander = (words: ReadonlyArray<string>): ParsedArguments | undefined => {
  const program = addSettingsFlags(new Commander()).exitOverride()
  workerCommands[findName(words)](program)
  for (const command of program.commands)
    command
      .addOption(createRequestIdOption())
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  try {
    return captureArguments(program, () => program.parse(words, { from: 'user' }))
  } catch {
    return undefined
  }
}

/** The words as the fast path parses them; undefined if it declines. */
const parseFast = (words: ReadonlyArray<string>): ParsedArguments | undefined => {
  const program = new Command()
  fastPath.addSettingsFlags(program as unknown as Commander)
  fastPath.workerCommands[findName(words)](program as unknown as Commander)
  for (const command of program.commands) command.addOption(fastPath.createRequestIdOption() as never)
  try {
    return captureArguments(program, () => void program.run(words))
  } catch (thrown) {
    // By name: the module is loaded twice, so each class exists twice.
    if (![NeedsCommander.name, InvalidArgumentError.name].includes((thrown as Error).constructor.name)) throw thrown
    return undefined
  }
}

const flags: Readonly<Record<string, ReadonlyArray<string>>> = {
  '--dir': ['/tmp/x', ''],
  '--json': [],
  '--by': ['eve'],
  '--durability': ['disk', 'os', 'none'],
  '--lock-timeout': ['3s', 'soon'],
  '--request-id': ['r1'],
  '--task': ['t1'],
  '--count': ['3', 'x'],
  '--lease': ['15m', 'none', '15'],
  '--expect-seq': ['12'],
  '--token': ['7', '-7'],
  '--result': ['{"a":1}', '-', '@file'],
  '--error': ['no disk', '--json'],
  '--retry-in': ['5m'],
  '--no-retry': [],
  '--claim-next': ['docs', 'ci'],
  '--reason': ['tired'],
  '--progress': ['1'],
  '--title': ['T', ''],
  '--payload': ['null'],
  '--needs': ['a,b'],
  '--priority': ['0'],
  '--at': ['now', '2026-01-31T09:00Z'],
  '--in': ['2h'],
  '--max-attempts': ['2'],
  '--backoff': ['10s..1h', '1h..10s'],
  '--tag': ['x', 'y'],
  '--key': ['k'],
}
const flag = fc
  .constantFrom(...Object.keys(flags))
  .chain(name => fc.tuple(fc.constant(name), fc.constantFrom(...(flags[name] ?? []), 'v')))
  .map(([name, value]) => ((flags[name] ?? []).length === 0 ? [name] : [name, value]))
const oddWord = fc.constantFrom(
  '--',
  '-',
  '--help',
  '-h',
  '--les',
  '--lease=1h',
  '--unknown',
  '-x',
  '',
  'help',
  '--no-lease',
)
const operand = fc.constantFrom('ann', 'docs', 't1', 'validation').map(word => [word])
const globalFlags = fc.constantFrom(
  [],
  [],
  [],
  ['--dir', '/tmp/x'],
  ['--by', 'add'],
  ['--json'],
  ['--dir=/tmp/x'],
  ['-x', 'y'],
)
const anyWords = fc
  .tuple(
    globalFlags,
    fc.constantFrom(...names),
    fc.array(
      fc.oneof(
        { weight: 6, arbitrary: operand },
        { weight: 6, arbitrary: flag },
        oddWord.map(word => [word]),
      ),
      {
        maxLength: 7,
      },
    ),
  )
  .map(([first, name, parts]) => [...first, name, ...parts.flat()])

describe('the fast path', () => {
  it('parses a command line as commander does, or declines it', () => {
    let parsedCount = 0
    fc.assert(
      fc.property(anyWords, words => {
        const result = parseFast(words)
        if (result === undefined) return
        parsedCount += 1
        expect(result).toEqual(parseWithCommander(words))
      }),
      { seed: 20_250_101, numRuns: 20_000 },
    )
    expect(parsedCount).toBeGreaterThan(500)
  })

  it.each([
    ['claim docs-worker docs', { operands: ['docs-worker', ['docs']], flags: {} }],
    [
      'claim ann docs ci --lease 2h --dir /tmp/x',
      { operands: ['ann', ['docs', 'ci']], flags: { lease: 7_200_000, dir: '/tmp/x' } },
    ],
    ['complete ann t1 --token 4', { operands: ['ann', 't1'], flags: { token: 4 } }],
    [
      'complete ann t1 --claim-next docs ci --lease 2h',
      { operands: ['ann', 't1'], flags: { claimNext: ['docs', 'ci'], lease: 7_200_000 } },
    ],
    ['fail --claim-next --error no ann t1', { operands: ['ann', 't1'], flags: { claimNext: true, error: 'no' } }],
    ['fail ann t1 --no-retry', { operands: ['ann', 't1'], flags: { retry: false } }],
    ['--dir /tmp/x claim ann docs', { operands: ['ann', ['docs']], flags: { dir: '/tmp/x' } }],
    ['renew ann t1', { operands: ['ann', 't1'], flags: {} }],
    ['release --reason tired ann t1', { operands: ['ann', 't1'], flags: { reason: 'tired' } }],
    ['add docs --tag a --tag b --json', { operands: ['docs', undefined], flags: { tag: ['a', 'b'], json: true } }],
  ] as const)('parses %s', (line, { operands, flags: expectedFlags }) => {
    expect(parseFast(line.split(' '))).toMatchObject({
      operands,
      flags: { durability: 'disk', lockTimeout: 10_000, ...expectedFlags },
    })
    expect(parseFast(line.split(' '))).toEqual(parseWithCommander(line.split(' ')))
  })

  it.each([
    'claim',
    'claim ann --les 1h',
    'claim ann --lease=1h',
    'add',
    'complete ann t1 t2',
    '--json claim ann docs',
    'claim --help',
    'claim ann --lease soon',
    'complete ann t1 --claim-next docs --claim-next ci',
    'renew ann t1 --progress -1',
  ])('declines %s', line => {
    expect(parseFast(line.split(' '))).toBeUndefined()
  })

  it('takes a setting from the environment if no flag gives it', () => {
    vi.stubEnv('CLAIMLOG_LOCK_TIMEOUT', '2s')
    expect(parseFast(['claim', 'ann'])?.flags['lockTimeout']).toBe(2000)
    expect(parseFast(['claim', 'ann', '--lock-timeout', '3s'])?.flags['lockTimeout']).toBe(3000)
    vi.stubEnv('CLAIMLOG_LOCK_TIMEOUT', 'soon')
    expect(parseFast(['claim', 'ann'])).toBeUndefined()
    vi.unstubAllEnvs()
  })
})
