// Pages written by hand that have generated parts, between markers.
import { readFileSync } from 'node:fs'

/** The text of a page in docs/reference with its generated parts replaced by these lines. */
export const replaceParts = (path, parts) => {
  const page = readFileSync(new URL(`../../../docs/reference/${path}`, import.meta.url), 'utf8')
  return Object.entries(parts).reduce((text, [name, lines]) => replacePart(path, text, name, lines), page)
}

const replacePart = (path, text, name, lines) => {
  const [begin, end] = [`<!-- generated: ${name} -->\n`, `<!-- end of ${name} -->\n`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`${path} has no part ${name}`)
  return `${text.slice(0, from)}${begin}\n${lines.join('\n').trim()}\n\n${text.slice(to)}`
}
