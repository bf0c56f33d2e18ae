import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findTemplate, listPages } from '../../scripts/docs/list-pages.mjs'
import { root } from '../../scripts/docs/page-directory.mjs'
import { needsServer, type PageServer } from '../../scripts/docs/page-server.mjs'
import { parsePage } from '../../scripts/docs/parse-page.mjs'
import { compareOutputs, runGroup } from '../../scripts/docs/run-group.mjs'
import { startCluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { findServers } from '../../packages/event-log-postgres/testing/installed-servers.ts'
import { run } from '../support/claimlog-process.ts'
import { itIfPossible, type MissingReason, programMissing } from '../support/machine/it-if-possible.ts'

const pages = listPages().map(path => {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, ...parsePage(text) }
})

describe('a page', () => {
  it('has no program that is neither run nor marked with the reason', () => {
    expect(pages.length).toBeGreaterThan(5)
    expect(pages.flatMap(({ path, problems }) => problems.map(problem => `${path}, ${problem}`))).toEqual([])
  })
})

it('a block that another test runs names a test that exists', () => {
  const named = pages.flatMap(({ text }) => [...text.matchAll(/<!-- run by (\S+) -->/g)].map(([, name = '']) => name))
  expect(named).toContain('test/docs/quick-start.test.ts')
  expect(named.filter(name => !existsSync(join(root, name)))).toEqual([])
})

type Group = (typeof pages)[number]['groups'][number]

const checkGroup = async (path: string, group: Group, server?: PageServer): Promise<void> => {
  const result = await runGroup(group, { template: findTemplate(path), server })
  const { shown, actual } = compareOutputs(group, result)
  expect({ problems: result.problems, outputs: actual }).toEqual({ problems: [], outputs: shown })
}

// Pages set up a server with psql, which the npm package does not have.
const [debian] = findServers()
const serverMissing: MissingReason =
  debian === undefined || 'missing' in debian ? (debian?.missing ?? 'no server') : programMissing('psql', '--version')

const checkOnServer = async (path: string, group: Group): Promise<void> => {
  if (debian === undefined || 'missing' in debian) throw new Error('unreachable')
  const cluster = await startCluster(debian.found)
  try {
    await checkGroup(path, group, cluster)
  } finally {
    await cluster.dispose()
  }
}

describe.each(pages.filter(({ groups }) => groups.length > 0))('$path', ({ path, groups }) => {
  for (const group of groups) {
    const title = `works as it says from line ${group.line} on, under "${group.blocks[0]?.heading}"`
    if (needsServer(group)) itIfPossible(serverMissing)(title, () => checkOnServer(path, group))
    else it(title, () => checkGroup(path, group))
  }
})

describe('npm run demo', () => {
  it('runs the first commands of a newcomer, and shows what they print', async () => {
    const { status, stdout } = await run('npm', ['run', '--silent', 'demo'], { cwd: root })
    expect(status).toBe(0)
    expect(stdout).toMatch(/^\$ claimlog init/m)
    expect(stdout).toMatch(/^\$ claimlog claim /m)
    expect(stdout).toMatch(/^\$ claimlog trace /m)
    expect(stdout).toContain('"error": "no_ready_task"')
  })
})
