import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readText } from './source-files.ts'

type RootManifest = { readonly engines: { readonly node: string }; readonly scripts: Readonly<Record<string, string>> }

const workflow = readText('.github/workflows/ci.yml')
const { engines, scripts } = JSON.parse(readText('package.json')) as RootManifest

describe('the workflow of continuous integration', () => {
  it('tests on the oldest Node that the package accepts', () => {
    const [, majors = ''] = /^ +node: \[(.*)\]$/m.exec(workflow) ?? []
    expect(engines.node).toMatch(/^>=\d+$/)
    expect(majors.split(', ')[0]).toBe(engines.node.slice('>='.length))
  })

  it('runs scripts that exist', () => {
    const named = [...workflow.matchAll(/\bnpm (?:run ([\w:]+)|(test)\b)/g)].map(([, run, test]) => run ?? test ?? '')
    expect(named).toContain('test')
    expect(named).toContain('test:packed')
    expect(named.filter(name => scripts[name] === undefined)).toEqual([])
    expect(existsSync(new URL('../../.ci/run', import.meta.url))).toBe(true)
  })

  it('can only read the repository', () => {
    expect(workflow).toMatch(/^permissions:\n {2}contents: read\n\n/m)
    expect(workflow.match(/^ +permissions:/gm)).toBeNull()
    expect(workflow).not.toContain('pull_request_target')
  })
})
