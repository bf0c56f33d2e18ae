import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findClaimFiles } from './claim-path.mjs'
import { parseStepFiles, matchPaths } from './life-of-a-claim.ts'

/**
 * A file counts if the process of `claimlog claim worker kind` called at least one of its functions. The top-level code
 * of a module does not count: it only builds tables and names functions. Lower the maximum when fewer files suffice; to
 * list them: node test/bundles/claim-path.mjs
 */
const filesMax = 60

const heading = 'Life of a claim'
const architecture = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8')
const documentedFiles = parseStepFiles(architecture, heading)

describe('a claim by the command line', () => {
  const files = findClaimFiles()
  const paths = [...files.keys()]

  it(`executes at most ${filesMax} of our files`, () => {
    expect(paths.length, paths.join('\n')).toBeLessThanOrEqual(filesMax)
  })

  it('executes the fast-path parser, the rules and the log', () => {
    for (const entry of ['argv.ts', 'claim-task.ts', 'file-lock.ts', 'evolve.ts'])
      expect(matchPaths(entry, paths)).toHaveLength(1)
    expect(files.get('packages/domain/src/decide/claim-task.ts')).toContain('claimTask')
  })

  it.runIf(documentedFiles !== undefined)('is described in ARCHITECTURE.md with exactly these files', () => {
    const steps = (documentedFiles ?? []).map(entry => ({ entry, paths: matchPaths(entry, paths) }))
    expect(steps.filter(step => step.paths.length !== 1).map(({ entry }) => entry)).toEqual([])
    expect(paths.filter(path => !steps.some(step => step.paths.includes(path)))).toEqual([])
  })
})

describe('the numbered steps of a page', () => {
  it('name their files between backticks, in numbered lines and their continuation lines', () => {
    const page = `# A page\n\n## ${heading}\n\nSee \`else.ts\`.\n\n1. It begins: \`a/b.ts\`,\n   \`c.ts\`.\n2. It ends.\n\n## More\n\n1. \`d.ts\`\n`
    expect(parseStepFiles(page, heading)).toEqual(['a/b.ts', 'c.ts'])
    expect(parseStepFiles(page, 'Another')).toBeUndefined()
  })
})
