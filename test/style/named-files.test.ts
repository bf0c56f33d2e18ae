import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listPages, listSources, readText } from './source-files.ts'

/** A source file between backticks. Bundles end in `.cjs` and are made by the build. */
const namedFile = /`([\w./@-]+\.(?:ts|mjs))`/g

/** `queue.ts` is a file of a user's project. */
const examples = new Set(['queue.ts'])

describe('a file that a page names', () => {
  const sources = ['.ci', 'examples', 'packages', 'scripts', 'test'].flatMap(listSources)
  const exists = (page: string, name: string): boolean =>
    sources.includes(join(dirname(page), name)) || sources.some(path => `/${path}`.endsWith(`/${name}`))

  it('exists', () => {
    // The changelog names files of the past.
    const pages = listPages().filter(page => page !== 'CHANGELOG.md')
    expect(pages).toContain('ARCHITECTURE.md')
    const missing = pages.flatMap(page =>
      [...readText(page).matchAll(namedFile)]
        .map(([, name = '']) => name)
        .filter(name => !examples.has(name) && !exists(page, name))
        .map(name => `${page}: ${name}`),
    )
    expect(missing).toEqual([])
  })
})
