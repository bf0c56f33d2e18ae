import fc from 'fast-check'
import * as E from 'fp-ts/lib/Either.js'
import { parse } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { unwrap, setupContext } from '../testing/setup-context.ts'
import { tomlEntry } from './toml-entry.ts'

/** The random cases are the same in every run. */
const seed = 20_261_129

const edit = tomlEntry('.codex/config.toml', 'mcp_servers', 'codex')
const applyEdit = (text: string | undefined): string => unwrap(edit.apply(text, setupContext)).text
const removeEdit = (text: string): string => unwrap(edit.remove(text)).text

const toml = fc
  .record({
    head: fc.shuffledSubarray([
      'model = "o" # the model',
      'a.b = 1979-05-27T07:32:00Z',
      'n = nan',
      "s = '''\n# claimlog\n'''",
    ]),
    tables: fc.shuffledSubarray([
      '[mcp_servers.github]\ncommand = "npx" # a remark\nargs = [\n  "-y", # why\n]',
      '[mcp_servers."a b".env]\nA = "1"',
      '# at the end of its table\n[features]\nhooks = true',
      '[[profiles]]\nname = "x"\n\n[[profiles]]\nname = "y"',
      '[mcp_servers]',
    ]),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n\n'),
  })
  .map(({ head, tables, eol, end }) => ([...head, ...tables].join('\n') + end).replaceAll('\n', eol))

const block =
  '# claimlog:begin (codex)\n[mcp_servers.claimlog]\ncommand = "claimlog"\nargs = [ "mcp" ]\n# claimlog:end\n'

describe("the server's table in TOML", () => {
  it(`is appended and can be reverted byte for byte (seed ${seed})`, () => {
    expect(applyEdit('')).toBe(block)
    expect(applyEdit('a = 1\n')).toBe(`a = 1\n\n${block}`)
    fc.assert(
      fc.property(toml, text => {
        const edited = applyEdit(text)
        expect(applyEdit(edited)).toBe(edited)
        expect((parse(edited) as { mcp_servers: object }).mcp_servers).toMatchObject({
          claimlog: { command: 'claimlog', args: ['mcp'] },
        })
        expect(removeEdit(edited)).toBe(text)
      }),
      { seed, numRuns: 500 },
    )
  })

  it('keeps what the user wrote into it', () => {
    const extended = block.replace(
      'args = [ "mcp" ]',
      'args = ["mcp", "--kinds", "docs"] # mine\nstartup_timeout_sec = 20',
    )
    expect(applyEdit(extended)).toBe(extended)
    const moved = extended.replace('"claimlog"', '"/old/claimlog"')
    expect(parse(applyEdit(moved))).toEqual(parse(extended))
  })

  it('is accepted and not changed if another tool wrote it with the same content', () => {
    const foreign = '[mcp_servers.claimlog]\nargs = ["mcp"]\ncommand = "claimlog" # by codex mcp add\n'
    expect(applyEdit(foreign)).toBe(foreign)
    expect(removeEdit(foreign)).toBe(foreign)
  })

  const userTable = '{"command":"other","env":{"A":"1"}}'
  const entry = '[mcp_servers.claimlog]'

  it.each([
    [
      'a = 1\n# mine\n[mcp_servers.claimlog]\ncommand = "other" # a\n\n[mcp_servers.claimlog.env]\nA = "1"\n\n# next\n[b]\nc = 1\n',
      'a = 1\n# mine\n\n# next\n[b]\nc = 1\n',
    ],
    ['[ mcp_servers . "claimlog" ]\r\ncommand = "other"\r\nenv.A = "1"\r\n[b]\r\n', '[b]\r\n'],
    [
      '[mcp_servers]\nclaimlog = { command = "other", env = { A = "1" } }\nb.command = "x"\n',
      '[mcp_servers]\nb.command = "x"\n',
    ],
    ['mcp_servers.claimlog.command = "other"\nmcp_servers.claimlog.env.A = "1"\n[b]\n', '[b]\n'],
  ])('that setup did not write is reported and kept, and replaced only by force: %j', (text, rest) => {
    const userEntry = { entry, value: userTable }
    expect(edit.apply(text, setupContext)).toEqual(
      E.right({ text, userEntries: [{ ...userEntry, outcome: 'conflict' }] }),
    )
    expect(removeEdit(text)).toBe(text)
    const forced = unwrap(edit.apply(text, { ...setupContext, force: true }))
    expect(forced.userEntries).toEqual([{ ...userEntry, outcome: 'replaced' }])
    expect(removeEdit(forced.text)).toBe(rest)
    expect(parse(forced.text)).toEqual({
      ...parse(rest),
      mcp_servers: {
        ...(parse(rest)['mcp_servers'] as object | undefined),
        claimlog: { command: 'claimlog', args: ['mcp'] },
      },
    })
  })

  it('that cannot be separated from the text around it is left alone, by force too', () => {
    const text = "s = '''\n[mcp_servers.claimlog]\n'''\n[mcp_servers.claimlog]\ncommand = \"other\"\n"
    expect(edit.apply(text, { ...setupContext, force: true })).toEqual(
      E.left(`it has a ${entry} that cannot be separated from the text around it`),
    )
  })

  it.each([
    ['a = \n', /^it is not TOML: .* in line 1, column \d+$/],
    ['mcp_servers = { github = { command = "npx" } }\n', /^with claimlog's table it is not TOML: /],
    ['mcp_servers = 1\n', /^with claimlog's table it is not TOML: /],
    [`${block}${block}`, /^it is not TOML: /],
    ['# claimlog:begin (codex)\n', 'line 1 has claimlog:begin, but there is no claimlog:end'],
    ['s = """\n# claimlog:begin\n# claimlog:end\n"""\n', "claimlog's table would change the rest of the file"],
  ])('is not written if it would damage the file: %j', (text, problem) => {
    const edited = edit.apply(text, setupContext)
    expect(edited).toEqual(E.left(typeof problem === 'string' ? problem : (expect.stringMatching(problem) as string)))
  })
})
