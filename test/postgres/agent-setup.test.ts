import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { claimlog, run, temporaryDirectory } from '../support/claimlog-process.ts'

type HookSettings = {
  readonly hooks: Readonly<
    Record<string, ReadonlyArray<{ readonly hooks: ReadonlyArray<{ readonly command: string }> }>>
  >
}
type McpSettings = {
  readonly mcpServers: { readonly claimlog: { readonly command: string; readonly args: ReadonlyArray<string> } }
}

const initialize = {
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}
describeEachServer('an agent that setup configured', getCluster => {
  it.each(['config.json', '--log'])('finds a log on a server by %s in its hooks and its MCP server', async naming => {
    const { host, port, user, password } = getCluster()
    const url = `postgres://${user}@${host}:${port}/postgres?workspace=w-${randomUUID()}`
    const [project, elsewhere] = [temporaryDirectory(), temporaryDirectory()]
    const env = { HOME: temporaryDirectory(), PGPASSWORD: password }
    const initialized = await claimlog(['init', '--log', url], { cwd: naming === '--log' ? elsewhere : project, env })
    expect(initialized.status).toBe(0)
    await claimlog(['add', 'docs', 'intro', '--log', url], { cwd: project, env })
    const flags = naming === '--log' ? ['--log', url] : []
    expect((await claimlog(['setup', 'claude-code', ...flags], { cwd: project, env })).status).toBe(0)

    const hooks = JSON.parse(readFileSync(join(project, '.claude/settings.json'), 'utf8')) as HookSettings
    const commands = Object.values(hooks.hooks).flatMap(groups => groups.flatMap(group => group.hooks))
    expect(commands.length).toBe(3)
    const results = await Promise.all(commands.map(({ command }) => run('sh', ['-c', command], { cwd: project, env })))
    expect(results.map(({ status, stderr }) => `${status}${stderr}`)).toEqual(['0', '0', '0'])
    expect(results[0]?.stdout).toContain('intro')

    const servers = JSON.parse(readFileSync(join(project, '.mcp.json'), 'utf8')) as McpSettings
    const { command, args } = servers.mcpServers.claimlog
    expect(args.slice(args.indexOf('mcp') + 1)).toEqual(flags)
    const input = `${JSON.stringify(initialize)}\n`
    const served = await run(command, args, { cwd: project, env, input })
    expect(served.stdout).toContain('"name":"claimlog"')

    expect((await claimlog(['setup', 'claude-code', '--remove'], { cwd: project, env })).status).toBe(0)
  })
})
