import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect } from 'vitest'
import { claimlogPath } from '../support/claimlog-process.ts'
import { itIfPossible } from '../support/machine/it-if-possible.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { newestReleases, thisNode } from '../packed/node-releases.ts'
import { fetchNode, createEnvironment } from '../packed/clean-install.ts'

/** The inspector requires Node 22 or later, so it runs on a Node that is downloaded. */
const inspector = '@modelcontextprotocol/inspector@2'
const newestNodesMax = Number(process.env.CLAIMLOG_NEWEST_NODES ?? 0)
const [newest] = (await newestReleases(Math.min(newestNodesMax, 1))) ?? []
const skipReason = newest === undefined ? 'npm run test:packed does it, where a registry can be reached' : undefined

const folder = mkdtempSync(join(tmpdir(), 'claimlog-inspector-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('the MCP Inspector', () => {
  itIfPossible(skipReason)(
    'lists the tools without a complaint, and calls one',
    async () => {
      const workspace = await newWorkspace()
      const node = await fetchNode(createEnvironment(thisNode), newest ?? '', join(folder, 'node'))
      const environment = createEnvironment(node)
      const project = join(folder, 'project')
      mkdirSync(project)
      await environment.install(project, [inspector])
      const args = [claimlogPath, 'mcp', '--dir', workspace.dir]
      const config = { mcpServers: { claimlog: { command: process.execPath, args } } }
      writeFileSync(join(project, 'mcp.json'), JSON.stringify(config))
      const inspect = async (...words: ReadonlyArray<string>) => {
        const all = ['--cli', '--config', 'mcp.json', '--server', 'claimlog', ...words]
        const result = await environment.run(join(project, 'node_modules', '.bin', 'inspector'), all, project)
        // It prints where it would store secrets.
        const complaints = result.stderr.split('\n').filter(line => line !== '' && !line.startsWith('[mcp-inspector]'))
        expect({ words, status: result.status, complaints }).toEqual({ words, status: 0, complaints: [] })
        return JSON.parse(result.stdout) as Readonly<Record<string, unknown>>
      }
      const { tools } = await inspect('--method', 'tools/list', '--strict')
      expect(tools).toHaveLength(8)
      const answer = await inspect('--method', 'tools/call', '--tool-name', 'list_tasks')
      expect(answer).toMatchObject({ structuredContent: { ok: true, tasks: [] } })
      expect(await inspect('--method', 'resources/list')).toMatchObject({ resources: [{ uri: 'claimlog://status' }] })
    },
    300_000,
  )
})
