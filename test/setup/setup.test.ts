import { chmodSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { git } from '../support/git/git-repository.ts'
import { agentFiles, newProject, claimlogCommand, type Project, openProject } from './setup-project.ts'
import { countModelTokens } from '../support/token-count.ts'

const agents = Object.keys(agentFiles)

const fileStates = (view: Record<string, unknown>): ReadonlyArray<readonly [string, string]> =>
  (view['files'] as ReadonlyArray<{ path: string; state: string }>).map(({ path, state }) => [path, state])

const statesOfAll = (agent: string, state: string): ReadonlyArray<readonly [string, string]> =>
  (agentFiles[agent] ?? []).map(path => [path, state])

describe.each(agents)('setup %s', agent => {
  test('writes the missing files, changes nothing the second time, and removes all of them', async () => {
    const project = newProject()
    const first = await project.setup([agent])
    expect(first).toMatchObject({ ok: true, agent, command: claimlogCommand, on_path: false })
    expect(fileStates(first)).toEqual(statesOfAll(agent, 'created'))
    const written = project.files()
    expect(Object.keys(written).sort()).toEqual([...(agentFiles[agent] ?? [])].sort())

    expect(fileStates(await project.setup([agent]))).toEqual(statesOfAll(agent, 'unchanged'))
    expect(fileStates(await project.setup([agent, '--check']))).toEqual(statesOfAll(agent, 'unchanged'))
    expect(project.files()).toEqual(written)

    expect(fileStates(await project.setup([agent, '--remove']))).toEqual(statesOfAll(agent, 'removed'))
    expect(project.files()).toEqual({})
    expect(fileStates(await project.setup([agent, '--remove']))).toEqual([])
  })

  test('--print prints the files, and writes nothing', async () => {
    const project = newProject()
    const printed = await project.setup([agent, '--print'])
    expect(project.files()).toEqual({})
    await project.setup([agent])
    expect(printed['files']).toEqual(
      (agentFiles[agent] ?? []).map(path => ({ path, state: 'created', content: project.text(path) })),
    )
    const { stdout } = await newProject().run(['setup', agent, '--print'])
    for (const path of agentFiles[agent] ?? []) expect(stdout).toContain(`${path}  created\n${project.text(path)}`)
  })

  test('--check lists the missing files, and exits with 6', async () => {
    const project = newProject()
    const missing = await project.run(['setup', agent, '--check', '--json'])
    expect(missing.status).toBe(6)
    expect(JSON.parse(missing.stdout)).toMatchObject({
      error: 'not_set_up',
      agent,
      files: (agentFiles[agent] ?? []).map(path => ({ path, state: 'created' })),
    })
    expect(project.files()).toEqual({})
    await project.setup([agent])
    const instructions = agentFiles[agent]?.at(-1) ?? ''
    project.write(instructions, project.text(instructions).replace('Claim a task', 'Take a task'))
    const old = await project.run(['setup', agent, '--check'])
    expect(old).toMatchObject({ status: 6, stdout: '' })
    expect(old.stderr).toContain(
      `is not set up here: ${instructions} differs (not_set_up)\n  claimlog setup ${agent} writes what is missing`,
    )
    expect(fileStates(await project.setup([agent])).at(-1)).toEqual([instructions, 'updated'])
  })
})

/** Files as people write them, with content that setup must leave alone. */
const existingFiles: Readonly<Record<string, string>> = {
  '.mcp.json': '{\r\n    "mcpServers": {\r\n        "db": {"command": "npx", "args": ["-y", "db"]}\r\n    }\r\n}',
  '.claude/settings.json':
    '{\n  // what may run\n  "permissions": { "allow": ["Bash(ls)"], },\n  "hooks": {\n    "SessionStart": [ { "hooks": [ { "type": "command", "command": "./greet.sh" } ] } ], // mine\n  },\n}\n',
  'CLAUDE.md': '# The project\r\n\r\nBe kind.',
  '.codex/config.toml':
    '\ufeffmodel = "o" # the model\n\n[mcp_servers.db]\nargs = [\n  "-y", # yes\n]\ncommand = "npx"\n',
  '.codex/hooks.json': '{"hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"x"}]}]}}',
  '.cursor/mcp.json': '\ufeff{\n\t"mcpServers": {\n\t\t"db": { "command": "npx" } // the database\n\t}\n}\n',
  '.cursor/hooks.json': '{\n  "version": 1,\n  "hooks": {\n    "stop": [{ "command": "./notify.sh" }]\n  }\n}\n',
  '.gemini/settings.json': '{ "theme": "dark" }\n',
  'GEMINI.md': '\n',
  '.vscode/mcp.json': '{\n  "inputs": [], // none yet\n  /* more to come */\n}\n',
  'AGENTS.md': '# Agents\n\nRun the tests.\n',
}

/** True if `after` contains all characters of `before` in order: nothing was removed or moved. */
const isSubsequence = (before: string, after: string): boolean => {
  let position = 0
  for (const character of after) if (character === before[position]) position += 1
  return position === before.length
}

const projectWithExistingFiles = (): Project => {
  const project = newProject()
  for (const [path, content] of Object.entries(existingFiles)) project.write(path, content)
  return project
}

describe('existing files', () => {
  test.each(agents)('keep their content when %s is configured, and are restored byte for byte', async agent => {
    const project = projectWithExistingFiles()
    const before = project.files()
    const own = (agentFiles[agent] ?? []).map(path => [path, path in existingFiles ? 'updated' : 'created'])
    expect(fileStates(await project.setup([agent]))).toEqual(own)
    for (const path of agentFiles[agent] ?? [])
      expect([path, isSubsequence(existingFiles[path] ?? '', project.text(path))]).toEqual([path, true])
    expect(fileStates(await project.setup([agent]))).toEqual(statesOfAll(agent, 'unchanged'))
    await project.setup([agent, '--remove'])
    expect(project.files()).toEqual(before)
  })

  test('work for all agents at once, and for each alone', async () => {
    const project = projectWithExistingFiles()
    const before = project.files()
    for (const agent of agents) await project.setup([agent])
    expect(project.text('AGENTS.md')).toContain('<!-- claimlog:begin (codex, cursor, vscode, agents-md) -->')
    for (const agent of agents) {
      expect(fileStates(await project.setup([agent, '--check']))).toEqual(statesOfAll(agent, 'unchanged'))
      await project.setup([agent, '--remove'])
      expect((await project.run(['setup', agent, '--check'])).status).toBe(6)
    }
    expect(project.files()).toEqual(before)
  })

  test('keep their permissions, and links within the project are followed', async () => {
    const project = newProject()
    project.write('docs/agents.md', '# Agents\n')
    chmodSync(join(project.cwd, 'docs/agents.md'), 0o640)
    symlinkSync('docs/agents.md', join(project.cwd, 'AGENTS.md'))
    await project.setup(['agents-md'])
    expect(project.text('docs/agents.md')).toContain('claimlog:begin')
    expect(statSync(join(project.cwd, 'docs/agents.md')).mode & 0o7777).toBe(0o640)
    await project.setup(['agents-md', '--remove'])
    expect(project.files()).toEqual({ 'AGENTS.md': '# Agents\n', 'docs/agents.md': '# Agents\n' })
  })

  test('are one file with one section if AGENTS.md is a link to CLAUDE.md', async () => {
    const project = newProject()
    project.write('CLAUDE.md', '')
    symlinkSync('CLAUDE.md', join(project.cwd, 'AGENTS.md'))
    await project.setup(['agents-md'])
    await project.setup(['claude-code'])
    expect(project.text('CLAUDE.md').match(/claimlog:begin.*/g)).toEqual([
      'claimlog:begin (agents-md, claude-code) -->',
    ])
    await project.setup(['claude-code', '--remove'])
    await project.setup(['agents-md', '--remove'])
    expect(project.files()).toEqual({ 'AGENTS.md': '', 'CLAUDE.md': '' })
  })
})

describe('a file that cannot be edited', () => {
  const linkFileOutside = (project: Project): void => {
    const others = join(temporaryDirectory(), 'others.md')
    writeFileSync(others, 'theirs\n')
    symlinkSync(others, join(project.cwd, 'CLAUDE.md'))
  }
  const linkFolderOutside = (project: Project): void => {
    const elsewhere = temporaryDirectory()
    symlinkSync(elsewhere, join(project.cwd, '.claude'))
  }
  test.each<[string, (project: Project) => void, RegExp]>([
    [
      'is not JSON',
      p => p.write('.claude/settings.json', '{"hooks": '),
      /settings\.json .* it is not JSON: value expected in line 1, column 11/,
    ],
    ['is a folder', p => mkdirSync(join(p.cwd, 'CLAUDE.md')), /CLAUDE\.md cannot be edited: it is not a regular file/],
    ['is in a folder that is a file', p => p.write('.claude', ''), /settings\.json cannot be edited: ENOTDIR/],
    ['is not UTF-8', p => p.write('CLAUDE.md', new Uint8Array([0xff, 0xfe])), /CLAUDE\.md .* it is not UTF-8/],
    [
      'has half a section',
      p => p.write('CLAUDE.md', 'a\n<!-- claimlog:begin -->\n'),
      /line 2 has claimlog:begin, but there is no claimlog:end/,
    ],
    ['is a dangling link', p => symlinkSync('gone', join(p.cwd, 'CLAUDE.md')), /CLAUDE\.md cannot be edited: ENOENT/],
    ['is a link out of the project', linkFileOutside, /a link to .*\/others\.md, which is outside of this project/],
    ['is in a folder out of the project', linkFolderOutside, /it would be in .*, which is outside of this project/],
  ])('that %s prevents all changes', async (_what, breakIt, message) => {
    const project = newProject()
    project.write('.mcp.json', '{}\n')
    breakIt(project)
    const before = project.files()
    for (const flag of [[], ['--check'], ['--print'], ['--remove']]) {
      const { status, stdout, stderr } = await project.run(['setup', 'claude-code', ...flag])
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(message)
      expect(stderr).toContain('nothing was changed (bad_input)')
    }
    expect(project.files()).toEqual(before)
  })
})

describe('an entry named claimlog that a person wrote', () => {
  const entries = [
    ['claude-code', '.mcp.json', '{"mcpServers":{"claimlog":{"url":"http://127.0.0.1:1/mcp"}}}', 'mcpServers.claimlog'],
    ['cursor', '.cursor/mcp.json', '{"mcpServers":{"claimlog":{"command":"npx","args":["x"]}}}', 'mcpServers.claimlog'],
    ['gemini', '.gemini/settings.json', '{"mcpServers":{"claimlog":{"command":"./run.sh"}}}', 'mcpServers.claimlog'],
    ['vscode', '.vscode/mcp.json', '{"servers":{"claimlog":{"type":"http"}}}', 'servers.claimlog'],
    ['codex', '.codex/config.toml', '[mcp_servers.claimlog]\ncommand = "other"\n', '[mcp_servers.claimlog]'],
  ] as const

  test.each(entries)('of %s is refused by its name, and replaced with --force', async (agent, path, text, entry) => {
    const project = newProject()
    project.write(path, text)
    const before = project.files()
    for (const flags of [[], ['--check'], ['--print']]) {
      const { status, stdout, stderr } = await project.run(['setup', agent, ...flags])
      expect([status, stdout]).toEqual([2, ''])
      expect(stderr).toContain(`${path} has an entry ${entry} that setup did not write: {`)
      expect(stderr).toContain(`or replace it: claimlog setup ${agent} --force`)
    }
    await project.setup([agent, '--remove'])
    expect(project.files()).toEqual(before)

    const preview = await project.setup([agent, '--force', '--print'])
    expect(project.files()).toEqual(before)
    const forced = await project.setup([agent, '--force'])
    for (const view of [preview, forced])
      expect(view['notes']).toContainEqual(
        expect.stringContaining(`${entry} in ${path} is replaced. Previous value: {"`),
      )
    expect(fileStates(await project.setup([agent, '--check']))).toEqual(statesOfAll(agent, 'unchanged'))
    await project.setup([agent, '--remove'])
    expect(project.text(path)).not.toContain('claimlog')
  })

  test('is kept and reported if it is a hook, and counts as the hook of setup', async () => {
    const project = newProject()
    project.write('.cursor/hooks.json', '{"version":1,"hooks":{"stop":[{"command":"claimlog prime --worker me"}]}}')
    const before = project.files()
    const { stdout } = await project.run(['setup', 'cursor'])
    expect(stdout).toContain(
      '→ .cursor/hooks.json has your own hook that runs claimlog prime, hooks.stop.0: it is kept, and no other is added; --force replaces it.\n',
    )
    const { hooks } = JSON.parse(project.text('.cursor/hooks.json')) as { hooks: Record<string, unknown> }
    expect(hooks['stop']).toEqual([{ command: 'claimlog prime --worker me' }])
    await project.setup(['cursor', '--remove'])
    expect(project.files()).toEqual(before)
    const forced = await project.setup(['cursor', '--force'])
    expect(forced['notes']).toContain(
      'hooks.stop.0 in .cursor/hooks.json is replaced. Previous value: {"command":"claimlog prime --worker me"}',
    )
  })
})

describe('setup without an agent', () => {
  test('lists the agents that seem to be used, and those that are configured', async () => {
    const project = newProject()
    await project.setup(['cursor'])
    project.write('GEMINI.md', 'x')
    project.write('.vscode/mcp.json', '[')
    mkdirSync(join(project.home, '.claude'))
    await project.setup(['codex'])
    project.write('.codex/hooks.json', '{}')
    const view = await project.setup([])
    expect(view['workspace']).toBeUndefined()
    expect(
      (view['agents'] as ReadonlyArray<Record<string, unknown>>).map(each => [
        each['agent'],
        each['used'],
        each['set_up'],
      ]),
    ).toEqual([
      ['claude-code', 'by_you', 'no'],
      ['codex', 'here', 'partly'],
      ['cursor', 'here', 'yes'],
      ['gemini', 'here', 'no'],
      ['vscode', 'here', 'unreadable'],
      ['agents-md', 'here', 'no'],
    ])
    const { stdout } = await project.run(['setup'])
    expect(stdout).toBe(`AGENT                                     USED    SET UP
claude-code  Claude Code                  by you  -
codex        Codex                        here    partly
cursor       Cursor                       here    yes
gemini       Gemini CLI                   here    -
vscode       VS Code (Copilot)            here    unknown
agents-md    Any other agent (AGENTS.md)  here    -

.vscode/mcp.json cannot be edited: it is not JSON: close bracket expected in line 1, column 2; nothing was changed

claimlog setup <agent> configures one in this folder.
No queue was found: there is no claimlog workspace at or above ${project.cwd}; claimlog init creates one in this directory; --dir DIR or CLAIMLOG_DIR selects another.
`)
  })

  test('requires an agent for --check, --print, --remove and --force', async () => {
    for (const flag of ['--check', '--print', '--remove', '--force'])
      expect(await newProject().run(['setup', flag])).toMatchObject({ status: 2, stdout: '' })
    const unknown = await newProject().run(['setup', 'emacs'])
    expect(unknown.status).toBe(2)
    expect(unknown.stderr).toContain(`Allowed choices are ${agents.join(', ')}.`)
    expect(await newProject().run(['setup', 'codex', '--check', '--remove'])).toMatchObject({ status: 2 })
  })
})

test('setup prints the files that it wrote, and the next steps', async () => {
  const project = newProject()
  const { stdout } = await project.run(['setup', 'agents-md'])
  expect(stdout).toBe(`Any other agent (AGENTS.md) is set up here, but finds no queue
  created    AGENTS.md

→ If the agent supports MCP, add the server to its configuration: the command is claimlog mcp.
→ claimlog is not on the PATH, so the configuration runs ${claimlogCommand.join(' ')}, which works on this machine only; install it globally, then run this command again.
→ No queue was found: there is no claimlog workspace at or above ${project.cwd}; claimlog init creates one in this directory; --dir DIR or CLAIMLOG_DIR selects another.
`)
  await project.run(['init'])
  const withQueue = await project.run(['setup', 'agents-md'])
  expect(withQueue.stdout).toMatch(/^Any other agent \(AGENTS\.md\) is set up here\n/)
  expect(withQueue.stdout).not.toMatch(/claimlog init|The queue is/)
})

test('the section that an agent reads in every session is short', async () => {
  const project = newProject()
  await project.setup(['agents-md'])
  expect(countModelTokens(project.text('AGENTS.md'))).toBeLessThan(200)
})

describe('setup in a directory that may be the wrong one', () => {
  test('is refused in the home directory, whose files apply to all projects, unless with --force', async () => {
    const project = newProject()
    const env = { HOME: project.cwd }
    for (const agent of agents) {
      const refused = await project.run(['setup', agent], env)
      expect([refused.status, refused.stdout]).toEqual([2, ''])
      expect(refused.stderr).toContain(
        `${project.cwd} is your home directory, where agents read files for all your projects; nothing was written (bad_input)\n  cd to the project first, or write them here with claimlog setup ${agent} --force`,
      )
      expect((await project.run(['setup', agent, '--check'], env)).status).toBe(6)
      expect((await project.run(['setup', agent, '--print'], env)).status).toBe(0)
      expect(project.files()).toEqual({})
    }
    await project.setup(['codex', '--force'], env)
    await project.setup(['codex', '--remove'], env)
    expect(project.files()).toEqual({})
  })

  test('warns below the top of a git repository, because agents that start at the top do not read these files', async () => {
    const project = newProject()
    git(project.cwd, 'init', '-q')
    mkdirSync(join(project.cwd, 'packages/a'), { recursive: true })
    const inner = openProject(join(project.cwd, 'packages/a'))
    const note = `This is packages/a in the repository ${realpathSync(project.cwd)}: an agent reads these files only if it is started here, not at the top.`
    for (const words of [['gemini'], ['gemini', '--check']]) expect((await inner.setup(words))['notes']).toContain(note)
    expect((await inner.setup(['gemini', '--remove']))['notes']).toEqual([])
    expect(JSON.stringify(await project.setup(['gemini']))).not.toContain('This is')
    const plain = newProject()
    expect(JSON.stringify(await plain.setup(['gemini']))).not.toContain('This is')
  })
})
