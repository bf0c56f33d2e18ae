import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'
import { countModelTokens } from '../support/token-count.ts'
import { type ConfiguredServer, newProject, claimlogCommand, type Project, openProject } from './setup-project.ts'

/** The command is on the PATH, or is configured by its absolute path. */
const commandForms = ['by its name', 'by its path'] as const

/** Creates a folder that contains `claimlog`, and returns a PATH that includes it. */
const pathWithClaimlog = (): string => {
  const folder = temporaryDirectory()
  symlinkSync(claimlogPath, join(folder, 'claimlog'))
  return `${folder}:${process.env['PATH'] ?? ''}`
}

type ConfiguredHook = { readonly command: string }
type ConfiguredHookGroup = { readonly matcher?: string; readonly hooks: ReadonlyArray<ConfiguredHook> }

/** Every hook of a file, by event. */
const parseHooks = (
  text: string,
): Readonly<Record<string, ReadonlyArray<ConfiguredHook & { readonly matcher?: string }>>> => {
  const { hooks } = JSON.parse(text) as { hooks: Record<string, ReadonlyArray<ConfiguredHookGroup | ConfiguredHook>> }
  return Object.fromEntries(
    Object.entries(hooks).map(([event, list]) => [
      event,
      list.flatMap(each => ('hooks' in each ? each.hooks.map(hook => ({ ...hook, matcher: each.matcher })) : [each])),
    ]),
  )
}

/** Runs a hook's command as agents do: in a shell, in the project, with the event as JSON on stdin. */
const fireHook = (
  project: Project,
  command: string,
  event: object,
  env: Readonly<Record<string, string>>,
): Promise<ProcessResult> => run('sh', ['-c', command], { cwd: project.cwd, input: JSON.stringify(event), env })

/** The events of each agent, by the names in its documentation, and the data that it sends with them. */
const agentHooks = [
  {
    agent: 'claude-code',
    file: '.claude/settings.json',
    start: ['SessionStart', { hook_event_name: 'SessionStart', source: 'compact', cwd: '.' }],
    end: ['Stop', { hook_event_name: 'Stop', stop_hook_active: true }],
    context: ['hookSpecificOutput', 'additionalContext'],
    message: 'systemMessage',
  },
  {
    agent: 'codex',
    file: '.codex/hooks.json',
    start: ['SessionStart', { hook_event_name: 'SessionStart', source: 'startup', model: 'o' }],
    end: ['Stop', { hook_event_name: 'Stop', stop_hook_active: false }],
    context: ['hookSpecificOutput', 'additionalContext'],
    message: 'systemMessage',
  },
  {
    agent: 'cursor',
    file: '.cursor/hooks.json',
    start: ['sessionStart', { hook_event_name: 'sessionStart', session_id: 's' }],
    end: ['stop', { hook_event_name: 'stop', status: 'completed', loop_count: 0 }],
    context: ['additional_context'],
    message: 'followup_message',
  },
  {
    agent: 'gemini',
    file: '.gemini/settings.json',
    start: ['SessionStart', { hook_event_name: 'SessionStart', source: 'startup' }],
    end: ['SessionEnd', { hook_event_name: 'SessionEnd', reason: 'exit' }],
    context: ['hookSpecificOutput', 'additionalContext'],
    message: 'systemMessage',
  },
  {
    agent: 'vscode',
    file: '.github/hooks/claimlog.json',
    start: ['SessionStart', { hookEventName: 'SessionStart', source: 'new' }],
    end: ['Stop', { hookEventName: 'Stop', stop_hook_active: false }],
    context: ['hookSpecificOutput', 'additionalContext'],
    message: 'systemMessage',
  },
] as const

describe.each(agentHooks)('the hooks of $agent', ({ agent, file, start, end, context, message }) => {
  test.each(commandForms)('run %s, start a session with the state of the queue, and warn at its end', async form => {
    const project = newProject()
    const env: Record<string, string> = form === 'by its name' ? { PATH: pathWithClaimlog() } : {}
    await project.setup([agent], env)
    const hooks = parseHooks(project.text(file))
    expect(Object.keys(hooks).filter(event => event !== 'PreCompact')).toEqual([start[0], end[0]])
    const command = (event: string): string => hooks[event]?.[0]?.command ?? ''
    expect(command(start[0])).toBe(
      `${form === 'by its name' ? 'claimlog' : claimlogCommand.join(' ')} prime --hook ${agent}`,
    )

    // Without a workspace, the hooks print nothing.
    const quiet = { status: 0, stdout: '', stderr: '' }
    expect(await fireHook(project, command(start[0]), start[1], env)).toEqual(quiet)
    expect(await fireHook(project, command(end[0]), end[1], env)).toEqual(quiet)

    await project.run(['init'])
    await project.run(['add', 'docs', 'inspect'])
    const startHook = await fireHook(project, command(start[0]), start[1], env)
    expect(startHook).toMatchObject({ status: 0, stderr: '' })
    const text = context.reduce<unknown>(
      (each, key) => (each as Record<string, unknown>)[key],
      JSON.parse(startHook.stdout),
    )
    expect(text).toMatch(/^You are \S+\.\n[^]*Your claims: none\nReady:\n {2}docs, 1: inspect\n/)

    expect(await fireHook(project, command(end[0]), end[1], env)).toEqual(quiet)
    await project.run(['claim', 'ann', 'docs', '--lease', 'none'])
    const endHook = await fireHook(project, command(end[0]), end[1], { ...env, CLAIMLOG_WORKER: 'ann' })
    expect(endHook).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(endHook.stdout)).toEqual({
      [message]: 'claimlog: 1 claim is open: inspect (no expiry). Complete, fail or release those that are yours.',
    })
  })
})

test('a session that restarts after a compaction starts with the state of the queue, too', async () => {
  const project = newProject()
  for (const [agent, file] of [
    ['claude-code', '.claude/settings.json'],
    ['codex', '.codex/hooks.json'],
  ] as const) {
    await project.setup([agent])
    const [hook] = parseHooks(project.text(file))['SessionStart'] ?? []
    for (const source of ['startup', 'resume', 'clear', 'compact'])
      expect(source).toMatch(new RegExp(`^(?:${hook?.matcher ?? ''})$`))
  }
})

test('the claims of a Claude Code session are among the instructions for its summary', async () => {
  const project = newProject()
  await project.setup(['claude-code'])
  const [hook] = parseHooks(project.text('.claude/settings.json'))['PreCompact'] ?? []
  const compacting = { hook_event_name: 'PreCompact', trigger: 'auto', custom_instructions: '' }
  const fireCompaction = (): Promise<ProcessResult> => fireHook(project, hook?.command ?? '', compacting, {})
  expect(await fireCompaction()).toEqual({ status: 0, stdout: '', stderr: '' })
  await project.run(['init'])
  await project.run(['add', 'docs', 'inspect'])
  await project.run(['claim', 'ann', 'docs', '--lease', 'none'])
  const { status, stdout, stderr } = await fireCompaction()
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('Your claims: none\nClaims of others: 1\n  ann, 1\n')
  expect(stdout).toMatch(/^Keep this in the summary:\n\nYou are claude-code-[0-9a-f]{6}\.\nclaimlog hands out/)
  expect(countModelTokens(stdout)).toBeLessThan(400)
})

const parseServer = (text: string, key: string): ConfiguredServer => {
  const document = (text.startsWith('{') ? JSON.parse(text) : parse(text)) as Record<
    string,
    Record<string, ConfiguredServer>
  >
  return document[key]?.['claimlog'] as ConfiguredServer
}

describe.each([
  ['claude-code', '.mcp.json', 'mcpServers', '.'],
  ['codex', '.codex/config.toml', 'mcp_servers', '.'],
  ['gemini', '.gemini/settings.json', 'mcpServers', '.'],
  // Cursor and VS Code start servers in another folder, which is / here, unless the configuration names one.
  ['cursor', '.cursor/mcp.json', 'mcpServers', '/'],
  ['vscode', '.vscode/mcp.json', 'servers', '/'],
])('the server of %s', (agent, file, key, folder) => {
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: agent, version: '1' } },
  }

  test('starts with its configuration, in the workspace of the project', async () => {
    const project = newProject()
    await project.run(['init'])
    const nested = join(project.cwd, 'packages/a')
    mkdirSync(nested, { recursive: true })
    for (const cwd of [project.cwd, nested]) {
      const inner = openProject(cwd)
      await inner.setup([agent])
      const { command, args, cwd: startFolder = folder } = parseServer(inner.text(file), key)
      const expandFolder = (word: string): string => word.replace('${workspaceFolder}', cwd)
      const { status, stdout } = await run(command, args.map(expandFolder), {
        cwd: join(cwd, startFolder === '.' ? '' : relative(cwd, expandFolder(startFolder))),
        input: `${JSON.stringify(initialize)}\n`,
      })
      expect(status).toBe(0)
      expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({
        id: 1,
        result: { serverInfo: { name: 'claimlog' } },
      })
    }
  })

  test('gets the workspace from --dir of setup', async () => {
    const project = newProject()
    const elsewhere = realpathSync(temporaryDirectory())
    await project.setup([agent, '--dir', elsewhere])
    const { args } = parseServer(project.text(file), key)
    const cwd = agent === 'cursor' ? ['--cwd', '${workspaceFolder}'] : []
    expect(args.slice(1)).toEqual(['mcp', ...cwd, '--dir', elsewhere])
  })
})
