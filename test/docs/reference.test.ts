import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../support/claimlog-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const reference = join(root, 'docs', 'reference')
const generatedDir = mkdtempSync(join(tmpdir(), 'claimlog-reference-'))

const listPages = (dir: string): ReadonlyArray<string> =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.md'))
    .sort()

const pages = [
  'commands.md',
  'configuration.md',
  'exit-codes-and-errors.md',
  'format.md',
  'json.md',
  'mcp.md',
  ...['README', 'fp-ts', 'import', 'index'].map(name => `library/${name}.md`),
]

describe('the generated reference', () => {
  beforeAll(async () => {
    const result = await run(process.execPath, [join(root, 'scripts/docs/reference/main.mjs'), generatedDir], {
      cwd: root,
    })
    expect(result).toEqual({ status: 0, stdout: '', stderr: '' })
  })
  afterAll(() => rmSync(generatedDir, { recursive: true }))

  it('has these pages', () => {
    expect(listPages(generatedDir)).toEqual([...pages].sort())
  })

  for (const page of pages)
    it(`${page} is what npm run docs:reference writes`, () => {
      expect(readFileSync(join(reference, page), 'utf8')).toBe(readFileSync(join(generatedDir, page), 'utf8'))
    })
})
