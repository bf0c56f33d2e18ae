import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sourceFilesUnder } from './source-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The pages of a folder, from the root; those of what is installed or built not among them. */
const pagesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|\..*)$/.test(entry.name) ? [] : pagesUnder(path)
    return entry.name.endsWith('.md') ? [path] : []
  })

/** A source between backticks. Bundles, which end in `.cjs`, are made by the build. */
const namedFile = /`([\w./@-]+\.(?:ts|mjs))`/g

/** `queue.ts` is what a user's project might have. */
const examples = new Set(['queue.ts'])

describe('a file that a page names', () => {
  const sources = ['.ci', 'examples', 'packages', 'test'].flatMap(sourceFilesUnder)
  const isThere = (page: string, name: string): boolean =>
    sources.includes(join(dirname(page), name)) || sources.some(path => `/${path}`.endsWith(`/${name}`))

  it('is there, though files move', () => {
    // The history tells of files as they were.
    const pages = pagesUnder('.').filter(page => page !== 'CHANGELOG.md')
    expect(pages).toContain('ARCHITECTURE.md')
    const gone = pages.flatMap(page =>
      [...readFileSync(join(root, page), 'utf8').matchAll(namedFile)]
        .map(([, name = '']) => name)
        .filter(name => !examples.has(name) && !isThere(page, name))
        .map(name => `${page}: ${name}`),
    )
    expect(gone).toEqual([])
  })
})
