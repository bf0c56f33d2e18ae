import GithubSlugger from 'github-slugger'
import { JSDOM } from 'jsdom'
import type { Nodes } from 'mdast'
import { toString } from 'mdast-util-to-string'
import { visit } from 'unist-util-visit'
import { parseMarkdown } from '../../scripts/docs/parse-page.mjs'

/** A link of a page, its text, and the line where it begins. */
export type PageLink = { readonly target: string; readonly text: string; readonly line: number }

/** The links of a page, also of images, definitions and HTML; and the anchors that GitHub gives it, with their headings. */
export type LinkedPage = { readonly links: ReadonlyArray<PageLink>; readonly anchors: ReadonlyMap<string, string> }

/** Lists what HTML links to, and the anchors that it sets. An opening tag without its end is enough. */
const readHtml = (html: string) => {
  const elements = [...JSDOM.fragment(html).querySelectorAll('*')]
  const list = (...names: ReadonlyArray<string>) =>
    elements.flatMap(element => names.flatMap(name => element.getAttribute(name) ?? []))
  const sets = list('srcset').flatMap(set => set.split(',').map(each => each.trim().split(/\s+/)[0] ?? ''))
  return { targets: [...list('href', 'src'), ...sets], anchors: list('id', 'name') }
}

/** Reads the links and anchors of a page in Markdown. */
export const readLinks = (text: string): LinkedPage => {
  const slugger = new GithubSlugger()
  const links: Array<PageLink> = []
  const anchors = new Map<string, string>()
  visit(parseMarkdown(text), (node: Nodes) => {
    const line = node.position?.start.line ?? 0
    if (node.type === 'heading') anchors.set(slugger.slug(toString(node)), toString(node))
    else if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      links.push({ target: node.url, text: toString(node), line })
    else if (node.type === 'html') {
      const html = readHtml(node.value)
      for (const target of html.targets) links.push({ target, text: '', line })
      for (const anchor of html.anchors) anchors.set(anchor, '')
    }
  })
  return { links, anchors }
}

/** Finds references without a definition, `[text][name]`: Markdown shows them as text. */
export const findUndefinedReferences = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  visit(parseMarkdown(text), 'text', ({ value }) => {
    for (const [reference] of value.matchAll(/\[[^\]]+\]\[[^\]]*\]/g)) found.push(reference)
  })
  return found
}
