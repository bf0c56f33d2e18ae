import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newProject, type Project } from './setup-project.ts'

/** The files that have the section, with the agents that share it. */
const sectionAgents = (project: Project): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(project.files()).flatMap(([path, text]) => {
      const agentLists = [...text.matchAll(/^<!-- claimlog:begin \(([^)]*)\)/gm)].map(([, agents = '']) => agents)
      return agentLists.length === 0 ? [] : [[path, agentLists.join(' and ')]]
    }),
  )

const readNotes = (view: Record<string, unknown>): ReadonlyArray<string> => view['notes'] as ReadonlyArray<string>

type InstructionsCase = {
  readonly title: string
  readonly agent: 'claude-code' | 'gemini'
  readonly files: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  readonly home: string
  readonly note?: string
}

const cases: ReadonlyArray<InstructionsCase> = [
  {
    title: 'CLAUDE.md imports AGENTS.md',
    agent: 'claude-code',
    files: { 'CLAUDE.md': '@AGENTS.md\n', 'AGENTS.md': '# Agents\n' },
    home: 'AGENTS.md',
    note: 'The instructions are in AGENTS.md: CLAUDE.md imports it.',
  },
  {
    title: 'CLAUDE.md imports an AGENTS.md that does not exist yet',
    agent: 'claude-code',
    files: { 'CLAUDE.md': '# Rules\r\n\r\nSee @./AGENTS.md.' },
    home: 'AGENTS.md',
    note: 'The instructions are in AGENTS.md: CLAUDE.md imports it.',
  },
  {
    title: 'CLAUDE.md imports a file that imports AGENTS.md',
    agent: 'claude-code',
    files: { 'CLAUDE.md': '@docs/rules.md\n', 'docs/rules.md': '@../AGENTS.md @rules.md', 'AGENTS.md': 'a' },
    home: 'AGENTS.md',
    note: 'The instructions are in AGENTS.md: CLAUDE.md imports it.',
  },
  {
    title: 'CLAUDE.md mentions AGENTS.md in code',
    agent: 'claude-code',
    files: { 'CLAUDE.md': 'Not `@AGENTS.md`.\n', 'AGENTS.md': 'a' },
    home: 'CLAUDE.md',
  },
  {
    title: '.claude/CLAUDE.md exists, and no CLAUDE.md',
    agent: 'claude-code',
    files: { '.claude/CLAUDE.md': '# Rules\n' },
    home: '.claude/CLAUDE.md',
  },
  {
    title: '.claude/CLAUDE.md imports AGENTS.md',
    agent: 'claude-code',
    files: { '.claude/CLAUDE.md': '@../AGENTS.md\n', 'CLAUDE.md': '# Rules\n', 'AGENTS.md': 'a\n' },
    home: 'AGENTS.md',
    note: 'The instructions are in AGENTS.md: .claude/CLAUDE.md imports it.',
  },
  {
    title: 'CLAUDE.md is a link to AGENTS.md',
    agent: 'claude-code',
    files: { 'AGENTS.md': '# Agents\n' },
    links: { 'CLAUDE.md': 'AGENTS.md' },
    home: 'CLAUDE.md',
    note: 'The instructions are in CLAUDE.md: it is a link to AGENTS.md.',
  },
  {
    title: 'AGENTS.md is a link to CLAUDE.md',
    agent: 'claude-code',
    files: { 'CLAUDE.md': '# Rules' },
    links: { 'AGENTS.md': 'CLAUDE.md' },
    home: 'CLAUDE.md',
  },
  {
    title: '.claude/CLAUDE.md is a link to AGENTS.md',
    agent: 'claude-code',
    files: { 'AGENTS.md': '' },
    links: { '.claude/CLAUDE.md': '../AGENTS.md' },
    home: '.claude/CLAUDE.md',
    note: 'The instructions are in .claude/CLAUDE.md: it is a link to AGENTS.md.',
  },
  {
    title: 'GEMINI.md imports AGENTS.md',
    agent: 'gemini',
    files: { 'GEMINI.md': '@./AGENTS.md', 'AGENTS.md': '# Agents\n' },
    home: 'AGENTS.md',
    note: 'The instructions are in AGENTS.md: GEMINI.md imports it.',
  },
  {
    title: 'GEMINI.md is a link to AGENTS.md',
    agent: 'gemini',
    files: { 'AGENTS.md': '# Agents\n' },
    links: { 'GEMINI.md': 'AGENTS.md' },
    home: 'GEMINI.md',
    note: 'The instructions are in GEMINI.md: it is a link to AGENTS.md.',
  },
  {
    title: 'the settings of Gemini CLI name AGENTS.md',
    agent: 'gemini',
    files: {
      '.gemini/settings.json': '{\n  // as the others\n  "context": { "fileName": ["GEMINI.md", "AGENTS.md"] }\n}\n',
      'AGENTS.md': 'a',
    },
    home: 'AGENTS.md',
  },
  {
    title: 'the settings of Gemini CLI name another file',
    agent: 'gemini',
    files: { '.gemini/settings.json': '{"contextFileName": "CONTEXT.md"}', 'GEMINI.md': 'old' },
    home: 'CONTEXT.md',
  },
]

describe.each(cases)('if $title', ({ agent, files, links = {}, home, note }) => {
  const project = (): Project => {
    const instance = newProject()
    for (const [path, text] of Object.entries(files)) instance.write(path, text)
    for (const [path, target] of Object.entries(links)) {
      mkdirSync(dirname(join(instance.cwd, path)), { recursive: true })
      symlinkSync(target, join(instance.cwd, path))
    }
    return instance
  }

  test('an agent has the instructions once, and --remove removes them', async () => {
    const instance = project()
    const before = instance.files()
    const view = await instance.setup([agent])
    expect((view['files'] as ReadonlyArray<{ path: string }>).at(-1)?.path).toBe(home)
    expect(readNotes(view).filter(each => each.startsWith('The instructions'))).toEqual(
      note === undefined ? [] : [note],
    )
    const linked = Object.entries(links)
      .filter(each => each.includes(home))
      .flat()
    for (const path of linked.length === 0 ? [home] : Object.keys(files).filter(each => each.endsWith('.md')))
      expect(sectionAgents(instance)[path]).toBe(agent)
    expect(new Set(Object.values(sectionAgents(instance)))).toEqual(new Set([agent]))
    expect((await instance.run(['setup', agent, '--check'])).status).toBe(0)
    const once = instance.files()
    await instance.setup([agent])
    expect(instance.files()).toEqual(once)
    await instance.setup([agent, '--remove'])
    expect(sectionAgents(instance)).toEqual({})
    expect(instance.files()).toEqual(before)
  })

  test('the agent shares the section with the agents that read AGENTS.md', async () => {
    const instance = project()
    const before = instance.files()
    await instance.setup(['codex'])
    await instance.setup([agent])
    const isShared = home === 'AGENTS.md' || Object.keys(links).length > 0
    const names = new Set(Object.values(sectionAgents(instance)))
    expect(names).toEqual(new Set(isShared ? [`codex, ${agent}`] : ['codex', agent]))
    await instance.setup(['codex', '--remove'])
    expect(new Set(Object.values(sectionAgents(instance)))).toEqual(new Set([agent]))
    await instance.setup([agent, '--remove'])
    expect(instance.files()).toEqual(before)
  })
})

test('the section moves to the file that the agent reads after an import is added, and back', async () => {
  const project = newProject()
  project.write('CLAUDE.md', '# Rules\n')
  project.write('AGENTS.md', '# Agents\n')
  await project.setup(['claude-code'])
  expect(sectionAgents(project)).toEqual({ 'CLAUDE.md': 'claude-code' })
  project.write('CLAUDE.md', `@AGENTS.md\n\n${project.text('CLAUDE.md')}`)
  expect((await project.run(['setup', 'claude-code', '--check'])).status).toBe(6)
  await project.setup(['claude-code'])
  expect(sectionAgents(project)).toEqual({ 'AGENTS.md': 'claude-code' })
  project.write('CLAUDE.md', '# Rules\n')
  await project.setup(['claude-code'])
  expect(sectionAgents(project)).toEqual({ 'CLAUDE.md': 'claude-code' })
  await project.setup(['claude-code', '--remove'])
  expect([project.text('CLAUDE.md'), project.text('AGENTS.md')]).toEqual(['# Rules\n', '# Agents\n'])
})

test('a broken file that the agent does not use does not prevent setup', async () => {
  const project = newProject()
  project.write('AGENTS.md', '<!-- claimlog:begin -->\n')
  await project.setup(['claude-code'])
  await project.setup(['claude-code', '--remove'])
  expect(project.files()).toEqual({ 'AGENTS.md': '<!-- claimlog:begin -->\n' })
})

test('AGENTS.md that setup created remains while another file is a link to it', async () => {
  const project = newProject()
  await project.setup(['agents-md'])
  symlinkSync('AGENTS.md', join(project.cwd, 'GEMINI.md'))
  await project.setup(['agents-md', '--remove'])
  expect(project.files()).toEqual({ 'AGENTS.md': '', 'GEMINI.md': '' })
})
