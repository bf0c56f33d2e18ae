import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findTemplate, listPages } from '../../scripts/docs/list-pages.mjs'
import { root } from '../../scripts/docs/page-directory.mjs'
import { parsePage } from '../../scripts/docs/parse-page.mjs'
import { compareOutputs, runGroup } from '../../scripts/docs/run-group.mjs'
import { run } from '../support/claimlog-process.ts'

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

describe.each(pages.filter(({ groups }) => groups.length > 0))('$path', ({ path, groups }) => {
  it.each(groups)('works as it says from line $line on, under "$blocks.0.heading"', async group => {
    const result = await runGroup(group, { template: findTemplate(path) })
    const { shown, actual } = compareOutputs(group, result)
    expect({ problems: result.problems, outputs: actual }).toEqual({ problems: [], outputs: shown })
  })
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
