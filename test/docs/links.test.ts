import { describe, expect, it } from 'vitest'
import { dirname, join, normalize } from 'node:path'
import { listFiles, readText } from '../style/source-files.ts'
import { findUndefinedReferences, type LinkedPage, type PageLink, readLinks } from './page-links.ts'

/** The files of the repository, and the folders that hold them. */
const files = new Set(listFiles('.'))
const folders = new Set([...files].flatMap(path => listParents(path)))

function listParents(path: string): ReadonlyArray<string> {
  const parent = dirname(path)
  return parent === '.' ? ['.'] : [parent, ...listParents(parent)]
}

const pages = new Map(
  [...files].filter(path => path.endsWith('.md')).map(path => [path, readLinks(readText(path))] as const),
)

/** The anchors of a page, or of the page that GitHub shows for a folder. */
const findAnchors = (path: string): LinkedPage['anchors'] | undefined =>
  (pages.get(path) ?? pages.get(normalize(join(path, 'README.md'))))?.anchors

/** Returns what is wrong with a link to another site. Nothing is fetched. */
const checkExternal = (target: string): string | undefined => {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url?.protocol === 'mailto:') return undefined
  if (url?.protocol !== 'https:') return 'is not https'
  if (!/^([\w-]+\.)+[a-z]{2,}$/.test(url.hostname)) return 'has no public host'
  return /^(registry|npm|mirror|proxy)\./.test(url.hostname) ? 'is a package registry' : undefined
}

/** Returns what is wrong with a link of `page`; undefined if it resolves. */
const checkLink = (page: string, target: string): string | undefined => {
  if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(target)) return checkExternal(target)
  if (target.startsWith('/')) return 'is not relative'
  const [file = '', anchor] = target.split('#').map(decodeURIComponent)
  const path = file === '' ? page : normalize(join(dirname(page), file)).replace(/\/$/, '')
  if (!files.has(path) && !folders.has(path)) return `leads to ${path}, which does not exist`
  // `#` alone is the top of a page.
  if (anchor === undefined || anchor === '') return undefined
  const anchors = findAnchors(path)
  if (anchors === undefined) return `has an anchor, but ${path} is not a page`
  return anchors.has(anchor) ? undefined : `leads to #${anchor}, which ${path} does not have`
}

describe('a link', () => {
  it('of a page resolves: its file exists, and its anchor is a heading', () => {
    const broken = [...pages].flatMap(([page, { links }]) =>
      links.flatMap(({ target, line }: PageLink) => {
        const problem = checkLink(page, target)
        return problem === undefined ? [] : [`${page}:${line} ${target} ${problem}`]
      }),
    )
    expect([...pages].flatMap(([, { links }]) => links).length).toBeGreaterThan(100)
    expect(broken).toEqual([])
  })

  it('of the library reference leads to the export or method that it names', () => {
    const names = /^[A-Za-z]\w*$/
    const named = [...pages].flatMap(([page, { links }]) =>
      page.startsWith('docs/reference/library/')
        ? links
            .filter(({ target, text }) => target.includes('#') && names.test(text))
            .map(({ target, text, line }) => {
              const [file = '', anchor = ''] = target.split('#')
              const heading = findAnchors(file === '' ? page : join(dirname(page), file))?.get(anchor)
              return { at: `${page}:${line}`, text, heading: heading?.replace('()', '') }
            })
        : [],
    )
    expect(named.length).toBeGreaterThan(500)
    expect(named.filter(({ text, heading }) => heading !== text)).toEqual([])
  })

  it('by reference has its definition', () => {
    const found = [...pages.keys()].flatMap(page =>
      findUndefinedReferences(readText(page)).map(reference => `${page} ${reference}`),
    )
    expect(found).toEqual([])
  })

  it('is found in every form in which Markdown and HTML write it', () => {
    const { links, anchors } = readLinks(
      [
        '# A `code` heading, twice',
        '# A `code` heading, twice',
        '<a id="here"></a> [a](a.md "title") ![b](b.svg) [c][] https://d.example <e@f.example>',
        '',
        '| <img src="g.svg" alt=""> |\n|-|\n| [h](h.md#i) |',
        '',
        '<picture><source srcset="j.svg 1x, k.svg 2x"></picture>',
        '',
        '[c]: c.md',
        '',
        '`[no](no.md)`',
      ].join('\n'),
    )
    expect(links.map(({ target }) => target)).toEqual([
      ...['a.md', 'b.svg', 'https://d.example', 'mailto:e@f.example', 'g.svg', 'h.md#i', 'j.svg', 'k.svg', 'c.md'],
    ])
    expect([...anchors.keys()]).toEqual(['a-code-heading-twice', 'a-code-heading-twice-1', 'here'])
  })

  it.each([
    ['docs/missing.md', 'leads to docs/missing.md, which does not exist'],
    ['docs/Glossary.md', 'leads to docs/Glossary.md, which does not exist'],
    ['docs/glossary.md#nothing', 'leads to #nothing, which docs/glossary.md does not have'],
    ['#nothing', 'leads to #nothing, which README.md does not have'],
    ['package.json#name', 'has an anchor, but package.json is not a page'],
    ['../README.md', 'leads to ../README.md, which does not exist'],
    ['/docs/glossary.md', 'is not relative'],
    ['http://example.org', 'is not https'],
    ['https://localhost/page', 'has no public host'],
    ['https://registry.example.org/fs-ext', 'is a package registry'],
  ])('to %s is refused: it %s', (target, problem) => {
    expect(checkLink('README.md', target)).toBe(problem)
  })
})
