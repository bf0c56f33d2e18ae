import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  authenticationOk,
  readyForQuery,
  startHostileServer,
} from '../../packages/event-log-postgres/testing/hostile-server.ts'
import { claimlogPath, type ProcessResult, run, temporaryDirectory } from '../support/claimlog-process.ts'

/** Ways in which a command finds the log. */
const ways = ['config.json', 'CLAIMLOG_LOG', '--log'] as const
type Naming = (typeof ways)[number]

type Finished = ProcessResult & {
  /** True if the client library of PostgreSQL was loaded. */
  readonly hasLoadedClient: boolean
}

/** Runs a command in a new project that has its log at `url`, as the environment or a file says. */
const runInProject = async (url: string, way: Naming, args: ReadonlyArray<string>, cwd = newProject()) => {
  if (way === 'config.json') {
    mkdirSync(join(cwd, '.claimlog'), { recursive: true })
    writeFileSync(join(cwd, '.claimlog', 'config.json'), JSON.stringify({ log: url }))
  }
  const watch = temporaryDirectory()
  const watchPath = join(watch, 'watch.cjs')
  writeFileSync(
    watchPath,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(join(watch, 'files'))}, Object.keys(require.cache).join('\\n')))`,
  )
  const env = {
    HOME: temporaryDirectory(),
    NODE_OPTIONS: `--require ${watchPath}`,
    CLAIMLOG_LOG: way === 'CLAIMLOG_LOG' ? url : '',
  }
  const words = way === '--log' ? [...args, '--log', url] : args
  const result = await run(process.execPath, [claimlogPath, ...words], { cwd, env })
  const files = readFileSync(join(watch, 'files'), 'utf8')
  return { ...result, hasLoadedClient: files.includes('postgres.cjs') } satisfies Finished
}

const newProject = (): string => temporaryDirectory()

/** A server that takes connections and never answers. */
const startBlackHole = async () => {
  const server = await startHostileServer(() => undefined)
  onTestFinished(() => server.dispose())
  return server
}

const localUrl = (port: number): string => `postgres://ann@127.0.0.1:${port}/app?workspace=docs`

describe('a shell completion', () => {
  it.each(['config.json', 'CLAIMLOG_LOG'] as const)('never connects to the server that %s names', async way => {
    const server = await startBlackHole()
    const results = await Promise.all(
      [
        ['zsh', 'show', ''],
        ['fish', 'claim', 'ann', ''],
        ['bash', 'claimlog complete ', ''],
        ['zsh', 'show', '--log', localUrl(server.port), ''],
        ['zsh', ''],
      ].map(words => runInProject(localUrl(server.port), way, ['__complete', ...words])),
    )
    expect(results.map(({ status, stderr }) => `${status}${stderr}`)).toEqual(['0', '0', '0', '0', '0'])
    expect(results.map(({ hasLoadedClient }) => hasLoadedClient)).toEqual(Array(5).fill(false))
    expect(results[4]?.stdout).toContain('claim\t')
    expect(server.connections()).toBe(0)
  })
})

describe('setup for a log on a server', () => {
  it.each(ways)('that %s names writes no password and connects to nothing', async way => {
    const server = await startBlackHole()
    const cwd = newProject()
    const canary = 'canary-19c3aa'
    const url = localUrl(server.port)
    const withPassword = way === 'config.json' ? url : url.replace('@', `:${canary}@`)
    for (const agent of ['claude-code', 'codex', 'cursor', 'gemini', 'vscode']) {
      const result = await runInProject(withPassword, way, ['setup', agent], cwd)
      expect(result.status, result.stderr).toBe(0)
      expect(result.stdout).toContain(`The queue is ${url}.`)
      expect(result.hasLoadedClient).toBe(false)
      expect((await runInProject(withPassword, way, ['setup', agent, '--check'], cwd)).status).toBe(0)
    }
    const files = ['.mcp.json', '.claude/settings.json', '.codex/config.toml', '.gemini/settings.json', 'AGENTS.md']
    const texts = files.map(name => readFileSync(join(cwd, name), 'utf8'))
    for (const text of texts) {
      expect(text).not.toContain(canary)
      expect(text.includes('--log')).toBe(way !== 'config.json')
    }
    expect(server.connections()).toBe(0)
  })
})

/** Servers that cannot be reached, each with its URL. */
const unreachable: Readonly<Record<string, () => Promise<string>>> = {
  'swallows everything': async () => localUrl((await startBlackHole()).port),
  'answers no question': async () => {
    const server = await startHostileServer((send, _message, index) =>
      index === 0 ? send(authenticationOk, readyForQuery) : undefined,
    )
    onTestFinished(() => server.dispose())
    return localUrl(server.port)
  },
  'refuses connections': () => Promise.resolve(localUrl(1)),
  // A label is at most 63 characters long, so no resolver is asked.
  'has an unknown name': () => Promise.resolve(`postgres://ann@${'x'.repeat(64)}/app?workspace=docs`),
}

describe('a session that starts while the server', () => {
  it.each(Object.keys(unreachable))('%s gets a line in place of its briefing', async name => {
    const url = (await unreachable[name]?.()) ?? ''
    const commands: ReadonlyArray<ReadonlyArray<string>> = [
      ['prime', '--worker', 'ann'],
      ['prime', '--hook', 'claude-code'],
      ['prime', '--compaction', '--hook', 'claude-code'],
      ['prime', '--open-claims', '--hook', 'gemini'],
    ]
    const results = await Promise.all(commands.map(args => runInProject(url, 'config.json', args)))
    expect(results.map(({ status, stderr }) => `${status}${stderr}`)).toEqual(['0', '0', '0', '0'])
    for (const { stdout } of results) expect(stdout).toMatch(/claimlog: the log cannot be reached: postgres:\/\/ann@/)
    expect(JSON.parse(results[1]?.stdout ?? '')).toHaveProperty('hookSpecificOutput.additionalContext')
    expect(JSON.parse(results[3]?.stdout ?? '')).toHaveProperty('systemMessage')
  })
})
