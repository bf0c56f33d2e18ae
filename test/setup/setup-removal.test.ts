import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../support/git/git-repository.ts'
import { agentFiles, newProject, type Project } from './setup-project.ts'

const agents = Object.keys(agentFiles)

/** The contents of an agent's files before setup, by file type. */
const initialContents: Readonly<Record<string, { readonly json: string; readonly toml: string; readonly md: string }>> =
  {
    nothing: { json: '', toml: '', md: '' },
    'a line end': { json: '\n', toml: '\n', md: '\r\n' },
    'a byte order mark alone': { json: '\ufeff', toml: '\ufeff', md: '\ufeff' },
    'an empty object': { json: '{}', toml: '[mcp_servers]', md: '#' },
    'an empty object and a line end': { json: '{}\n', toml: '[mcp_servers]\n', md: '#\n' },
    'an empty object on two lines': { json: '{\r\n}\r\n', toml: '\r\n', md: '\n\n' },
    'an empty object around a blank line': { json: '{\n\n}\n', toml: '# mine', md: '<!-- mine -->' },
    'empty sections': {
      json: '\ufeff{\n\t"mcpServers": {},\n\t"servers": { },\n\t"hooks": {}\n}',
      toml: '\ufeff[mcp_servers]\r\n[features]\r\n',
      md: '\ufeff# a\r\n\r\n',
    },
    'empty lists on one line': {
      json: '{"version":1,"mcpServers":{},"hooks":{"Stop":[],"stop":[],"SessionStart":[ ],"SessionEnd":[]}}',
      toml: 'a = 1',
      md: 'a',
    },
    'comments alone': {
      json: '// settings\n{ // first\n  /* none yet */\n}\n// the end\n',
      toml: '# a\n\n# b\n\n',
      md: '<!-- a -->\n\n\n',
    },
    'other servers and hooks': {
      json: '{"mcpServers":{"db":{"command":"db"}},"servers":{"db":{"command":"db"}},"hooks":{"Stop":[{"hooks":[{"command":"x"}]}],"stop":[{"command":"x"}]},}',
      toml: '[mcp_servers.db]\ncommand = "db"',
      md: 'Run the tests.\n',
    },
  }

const writeContents = (project: Project, agent: string, texts: (typeof initialContents)[string]): void => {
  for (const path of agentFiles[agent] ?? [])
    project.write(path, path.endsWith('.json') ? texts.json : path.endsWith('.toml') ? texts.toml : texts.md)
}

describe.each(agents)('--remove leaves the files of %s', agent => {
  test.each(Object.entries(initialContents))('as they were before setup: %s', async (_what, texts) => {
    const project = newProject()
    writeContents(project, agent, texts)
    const before = project.files()
    await project.setup([agent])
    expect(project.files()).not.toEqual(before)
    const once = project.files()
    await project.setup([agent])
    expect(project.files()).toEqual(once)
    await project.setup([agent, '--remove'])
    expect(project.files()).toEqual(before)
  })

  test('nonexistent if setup created them, even after setup ran twice', async () => {
    const project = newProject()
    await project.setup([agent])
    await project.setup([agent, '--dir', join(project.cwd, 'elsewhere')])
    await project.setup([agent, '--remove'])
    expect(project.files()).toEqual({})
  })

  test('in place if git tracks them, without the configuration of claimlog', async () => {
    const project = newProject()
    git(project.cwd, 'init', '-q')
    await project.setup([agent])
    git(project.cwd, 'add', '-A')
    const removed = await project.setup([agent, '--remove'])
    const paths = agentFiles[agent] ?? []
    expect(removed['files']).toEqual(paths.map(path => ({ path, state: 'updated' })))
    expect(removed['notes']).toEqual(
      paths.map(path => `${path} is kept, without claimlog's configuration: git tracks it, or a link points to it.`),
    )
    for (const path of paths) expect([path, project.text(path)]).toEqual([path, path.endsWith('.json') ? '{}\n' : ''])
  })

  test('with everything that a person added since', async () => {
    const project = newProject()
    await project.setup([agent])
    for (const path of agentFiles[agent] ?? []) {
      const text = project.text(path)
      const edited = path.endsWith('.json') ? text.replace('{', '{ "mine": 1,') : `${text}# mine\n`
      project.write(path, edited)
    }
    await project.setup([agent, '--remove'])
    for (const path of agentFiles[agent] ?? []) {
      expect([path, project.text(path)]).toEqual([path, expect.stringContaining('mine')])
      expect(project.text(path)).not.toContain('claimlog')
    }
  })
})

test('--remove keeps a link to a file of setup, and its target', async () => {
  const project = newProject()
  await project.setup(['agents-md'])
  symlinkSync('AGENTS.md', join(project.cwd, 'CLAUDE.md'))
  await project.setup(['claude-code'])
  await project.setup(['agents-md', '--remove'])
  await project.setup(['claude-code', '--remove'])
  expect(project.files()).toEqual({ 'AGENTS.md': '', 'CLAUDE.md': '' })
})
