import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { unwrap, setupContext } from '../testing/setup-context.ts'
import type { ConfigEdit, SetupContext } from './agent.ts'
import { claudeCode } from './claude-code.ts'
import { cursor } from './cursor.ts'
import { gemini } from './gemini.ts'
import { removeValue } from './json-file.ts'
import type { JsonTextObject, JsonValue } from './json-text.ts'
import { vscode } from './vscode.ts'

/** The random cases are the same in every run. */
const seed = 20_261_129

const removeEdit = (edit: ConfigEdit, text: string): string => unwrap(edit.remove(text)).text

const applyEdit = (edit: ConfigEdit, text: string | undefined, more: Partial<SetupContext> = {}): string =>
  unwrap(edit.apply(text, { ...setupContext, ...more })).text

const jsonEdits = [claudeCode, cursor, gemini, vscode].flatMap(agent =>
  agent.edits.filter(({ path }) => path.endsWith('.json')).map(edit => [agent.name, edit] as const),
)

/** Values that settings typically have. */
const value: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(true, null, 7, -0.5, 'a', 'claimlog', 'a "b" \\ // {', 'ü\u2028'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '//', 'hooks', 'command'), tie('value'), { maxKeys: 3 }),
  ),
})).value

const server = fc.record({
  command: fc.constantFrom('npx', 'node'),
  args: fc.array(fc.constant('-y'), { minLength: 1 }),
})
const otherHook = fc.record({
  type: fc.constant('command'),
  command: fc.constantFrom('./lint.sh', 'echo prime --hook x'),
})

/** Settings with other servers and hooks, with empty objects for them, and with unrelated fields. */
const settings: fc.Arbitrary<JsonTextObject> = fc
  .record({
    mcpServers: fc.option(fc.dictionary(fc.constantFrom('github', 'db'), server), { nil: undefined }),
    servers: fc.option(fc.dictionary(fc.constantFrom('github', 'db'), server), { nil: undefined }),
    hooks: fc.option(
      fc.dictionary(
        fc.constantFrom('SessionStart', 'Stop', 'PreToolUse', 'sessionStart', 'stop'),
        fc.array(fc.oneof(otherHook, fc.record({ matcher: fc.constant('x'), hooks: fc.tuple(otherHook) })), {
          maxLength: 2,
        }),
      ),
      { nil: undefined },
    ),
    version: fc.option(fc.constant(1), { nil: undefined }),
    other: value,
    model: value,
  })
  .chain(fields => fc.shuffledSubarray(Object.entries(fields).filter(([, each]) => each !== undefined)))
  .map(entries => Object.fromEntries(entries) as JsonTextObject)

/** Writes `data` as JSON with `trivia` in turn between its tokens. */
const writeJson = (data: JsonValue, trivia: ReadonlyArray<string>, trailing: boolean): string => {
  let turn = 0
  const gap = (): string => trivia[turn++ % trivia.length] ?? ''
  const write = (each: JsonValue): string => {
    if (typeof each !== 'object' || each === null) return JSON.stringify(each)
    const isList = Array.isArray(each)
    const members = Object.entries(each).map(([key, inner]: [string, JsonValue]) =>
      isList ? write(inner) : `${JSON.stringify(key)}${gap()}:${gap()}${write(inner)}`,
    )
    const inner = members.map(member => `${gap()}${member}${gap()}`).join(',')
    return `${isList ? '[' : '{'}${inner}${trailing && members.length > 0 ? `,${gap()}` : ''}${isList ? ']' : '}'}`
  }
  return `${gap()}${write(data)}${gap()}`
}

const triviaText = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\n  ',
  '\n\t',
  '\r\n    ',
  ' // why\n',
  '\n// , }\n',
  ' /* [ */ ',
  '\n  /* a\n b */\n',
)

const file = fc
  .record({ data: settings, trivia: fc.array(triviaText, { minLength: 1, maxLength: 7 }), trailing: fc.boolean() })
  .map(({ data, trivia, trailing }) => writeJson(data, trivia, trailing))

const pretty = fc
  .record({
    data: settings,
    indent: fc.constantFrom('  ', '    ', '\t'),
    crlf: fc.boolean(),
    end: fc.constantFrom('', '\n'),
  })
  .map(({ data, indent, crlf, end }) => {
    const text = JSON.stringify(data, null, indent) + end
    return crlf ? text.replaceAll('\n', '\r\n') : text
  })

describe.each(jsonEdits)('the JSON edit of %s', (_agent, edit) => {
  it(`can be reverted byte for byte (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.oneof(file, pretty), text => {
        const edited = applyEdit(edit, text)
        expect(edited).not.toBe(text)
        expect(removeEdit(edit, edited)).toBe(text)
      }),
      { seed, numRuns: 400 },
    )
  })

  it(`changes nothing the second time, and preserves all other content (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.oneof(file, pretty), text => {
        const edited = applyEdit(edit, text)
        expect(applyEdit(edit, edited)).toBe(edited)
        const errors: Array<never> = []
        const after = parse(edited, errors, { allowTrailingComma: true }) as JsonTextObject
        expect(errors).toEqual([])
        const before = parse(text, [], { allowTrailingComma: true }) as JsonTextObject
        const { mcpServers, servers, hooks, version, ...rest } = after
        const { mcpServers: _, servers: __, hooks: ___, version: ____, ...originalRest } = before
        expect(rest).toEqual(originalRest)
        expect([mcpServers ?? {}, servers ?? {}, version ?? 1]).toMatchObject([
          before['mcpServers'] ?? {},
          before['servers'] ?? {},
          before['version'] ?? 1,
        ])
        for (const [event, list] of Object.entries((before['hooks'] ?? {}) as JsonTextObject))
          expect((hooks as JsonTextObject)[event]).toEqual(
            expect.arrayContaining(list as ReadonlyArray<unknown> as Array<unknown>),
          )
      }),
      { seed, numRuns: 200 },
    )
  })

  it('creates a file, which is deleted with it', () => {
    const created = applyEdit(edit, undefined)
    expect(unwrap(edit.remove(created))).toEqual({ text: '{}\n', isCreatedBySetup: true })
    expect(unwrap(edit.remove(applyEdit(edit, created)))).toMatchObject({ isCreatedBySetup: true })
  })

  it.each([
    '',
    '\n',
    ' \r\n',
    '{}',
    '{}\n',
    '{ }',
    '{\n}\n',
    '{\n\n}\n',
    '{\r\n\r\n\t}\r\n',
    '\n{\n\n\n}',
    '{ // mine\n}',
  ])('restores an empty file: %j', text => {
    const edited = applyEdit(edit, text)
    expect(applyEdit(edit, edited)).toBe(edited)
    expect(unwrap(edit.remove(edited))).toEqual({ text, isCreatedBySetup: false })
  })

  it('does not delete the file if the user has changed or reformatted it', () => {
    const created = applyEdit(edit, undefined)
    const withMore = created.replace('\n\n}', ',\n  "mine": 1\n\n}')
    expect(unwrap(edit.remove(withMore))).toMatchObject({ isCreatedBySetup: false })
    expect(parse(unwrap(edit.remove(withMore)).text)).toMatchObject({ mine: 1 })
    const commented = created.replace('\n\n}', '\n  // mine\n\n}')
    expect(unwrap(edit.remove(commented))).toMatchObject({ isCreatedBySetup: false })
    for (const indent of [undefined, 2])
      expect(unwrap(edit.remove(JSON.stringify(parse(created), null, indent)))).toMatchObject({
        isCreatedBySetup: false,
      })
  })

  it('keeps comments on their lines, and adopts the style of the file', () => {
    const text = '{\n\t"other": 1, // one\n\t// two\n}\n'
    const edited = applyEdit(edit, text)
    expect(edited.startsWith('{\n\t"other": 1, // one\n\t"')).toBe(true)
    expect(edited.endsWith('\n\t// two\n}\n')).toBe(true)
    expect(removeEdit(edit, edited)).toBe('{\n\t"other": 1, // one\n\t// two\n}\n')
  })
})

it(`reverts several edits of one file in reverse order (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.oneof(file, pretty, fc.constantFrom('', '{}', '{\n}', '{\n\n}\n')), text => {
      const edited = gemini.edits.reduce((each, edit) => applyEdit(edit, each), text)
      expect([...gemini.edits].reverse().reduce((each, edit) => removeEdit(edit, each), edited)).toBe(text)
    }),
    { seed, numRuns: 1000 },
  )
})

const [mcp, hooks] = claudeCode.edits as readonly [ConfigEdit, ConfigEdit]

describe('an existing entry', () => {
  const entry = (fields: JsonTextObject): string => JSON.stringify({ mcpServers: { claimlog: fields } }, null, 2)

  it('gets the current command; flags and fields that the user added are kept', () => {
    const text = entry({ command: '/old/node', args: ['/old/claimlog.cjs', 'mcp', '--kinds', 'docs'], env: { A: '1' } })
    expect(parse(applyEdit(mcp, text))).toEqual({
      mcpServers: { claimlog: { command: 'claimlog', args: ['mcp', '--kinds', 'docs'], env: { A: '1' } } },
    })
  })

  it('gets the workspace of --dir, which replaces the previous one', () => {
    const text = entry({ command: 'claimlog', args: ['mcp', '--dir', '/a', '--read-only'] })
    const named = applyEdit(mcp, text, { queueFlags: ['--dir', '/b'] })
    expect(parse(named)).toEqual({
      mcpServers: { claimlog: { command: 'claimlog', args: ['mcp', '--dir', '/b', '--read-only'] } },
    })
    expect(parse(applyEdit(mcp, named))).toEqual({
      mcpServers: { claimlog: { command: 'claimlog', args: ['mcp', '--read-only'] } },
    })
  })

  it('is recognised as a hook by any path of claimlog, and its group is kept', () => {
    const old = applyEdit(hooks, '', { command: { words: ['/usr/bin/node', '/a b/claimlog.cjs'], onPath: false } })
    expect(old).toContain("/usr/bin/node '/a b/claimlog.cjs' prime --hook claude-code")
    expect(applyEdit(hooks, old)).toBe(applyEdit(hooks, ''))
    const shared =
      '{"hooks": {"Stop": [{"hooks": [{"command": "x"}, {"command": "claimlog prime --open-claims --hook claude-code"}]}]}}'
    expect(removeEdit(hooks, applyEdit(hooks, shared))).toBe('{"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}}')
  })

  it('loses its duplicates', () => {
    const ours = {
      hooks: [{ type: 'command', command: 'claimlog prime --open-claims --hook claude-code', timeout: 10 }],
    }
    const text = applyEdit(hooks, JSON.stringify({ hooks: { Stop: [ours, ours, ours] } }))
    expect((parse(text) as { hooks: JsonTextObject }).hooks['Stop']).toEqual([ours])
  })
})

describe("a user's own hook that runs claimlog prime", () => {
  const group = (command: string, more: JsonTextObject = {}): JsonTextObject => ({ ...more, hooks: [{ command }] })
  const userHooks = [
    group('claimlog prime docs --hook claude-code', { matcher: 'startup|resume|clear|compact' }),
    group('claimlog prime --hook claude-code --worker ann'),
    group('claimlog prime --hook claude-code', { matcher: 'startup' }),
    group('cd sub && claimlog prime --hook claude-code', { matcher: 'startup|resume|clear|compact' }),
    group('npx claimlog prime --hook claude-code', { matcher: 'startup|resume|clear|compact' }),
    group('"$HOME"/bin/claimlog prime', { matcher: '' }),
    { command: 'claimlog prime --hook claude-code # mine' },
  ]

  it.each(userHooks)('is kept, and no other is added: %j', hook => {
    const text = JSON.stringify({ hooks: { SessionStart: [hook] } }, null, 2)
    const edited = unwrap(hooks.apply(text, setupContext))
    const { hooks: events } = parse(edited.text) as { hooks: JsonTextObject }
    expect(events['SessionStart']).toEqual([hook])
    expect(Object.keys(events)).toEqual(['SessionStart', 'PreCompact', 'Stop'])
    const entry = Array.isArray(hook['hooks']) ? 'hooks.SessionStart.0.hooks.0' : 'hooks.SessionStart.0'
    expect(edited.userEntries).toEqual([{ entry, value: expect.stringContaining('prime') as string, outcome: 'kept' }])
    expect(applyEdit(hooks, edited.text)).toBe(edited.text)
    expect(removeEdit(hooks, edited.text)).toBe(text)
  })

  it.each(userHooks)('is replaced by force, and reported: %j', hook => {
    const other = group('./greet.sh')
    const text = JSON.stringify({ hooks: { SessionStart: [other, hook] } }, null, 2)
    const edited = unwrap(hooks.apply(text, { ...setupContext, force: true }))
    expect(edited.userEntries).toEqual([
      {
        entry: expect.stringMatching(/^hooks\.SessionStart\.1/) as string,
        value: expect.stringContaining('prime') as string,
        outcome: 'replaced',
      },
    ])
    expect((parse(edited.text) as { hooks: JsonTextObject }).hooks['SessionStart']).toEqual([
      other,
      {
        matcher: 'startup|resume|clear|compact',
        hooks: [{ type: 'command', command: 'claimlog prime --hook claude-code', timeout: 10 }],
      },
    ])
    expect(unwrap(hooks.apply(edited.text, { ...setupContext, force: true }))).toEqual({
      text: edited.text,
      userEntries: [],
    })
  })

  it('is not confused with other programs with similar names', () => {
    const text = JSON.stringify({ hooks: { Stop: [group('./notclaimlog-report.sh prime'), group('echo prime')] } })
    expect(unwrap(hooks.apply(text, setupContext)).userEntries).toEqual([])
  })
})

describe('an invalid file', () => {
  it.each([
    ['{"mcpServers": {', 'it is not JSON: close brace expected in line 1, column 17'],
    ['{\n"a" 1}', 'it is not JSON: colon expected in line 2, column 5'],
    ['[]', 'it is not a JSON object'],
    ['// nothing\n', 'it is not JSON: value expected in line 2, column 1'],
    ['{"mcpServers": []}', 'mcpServers is not an object'],
    [
      '{"mcpServers": {"claimlog": {"command": "claimlog", "args": [], "args": ["mcp"]}}}',
      'mcpServers.claimlog.args occurs twice',
    ],
    ['{"mcpServers": {"claimlog": {}, "claimlog": {}}}', 'mcpServers.claimlog occurs twice'],
    ['{"mcpServers": {}, "mcpServers": {}}', 'mcpServers occurs twice'],
    ['['.repeat(50_000), 'it is nested too deeply'],
  ])('is left alone: %s', (text, problem) => {
    expect(mcp.apply(text, setupContext)).toEqual(E.left(problem))
  })

  it.each([
    ['{"hooks": []}', 'hooks is not an object'],
    ['{"hooks": {"Stop": {}}}', 'hooks.Stop is not a list'],
  ])('is left alone if its hooks are invalid: %s', (text, problem) => {
    expect(hooks.apply(text, setupContext)).toEqual(E.left(problem))
  })
})

describe('a removed value', () => {
  const removeValueText = (text: string, path: ReadonlyArray<string>): string => unwrap(removeValue(text, path)).text

  it('takes along the objects created for it, but none that existed before or has a comment', () => {
    expect(removeValueText('{ "a": { "b": { "c": 1 } }, "d": 2}', ['a', 'b', 'c'])).toBe('{ "d": 2}')
    expect(removeValueText('{ "a": { "b": {"c": 1} }, "d": 2}', ['a', 'b', 'c'])).toBe('{ "a": { "b": {} }, "d": 2}')
    expect(removeValueText('{ "a": { /* mine */ "c": 1 } }', ['a', 'c'])).toBe('{ "a": { /* mine */ } }')
  })
})
