import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './page-directory.mjs'
import { parseMarkdown } from './parse-page.mjs'

/** Returns the lines of the README's quick start. */
export const readQuickStart = () => {
  const nodes = parseMarkdown(readFileSync(join(root, 'README.md'), 'utf8')).children
  const heading = nodes.findIndex(node => node.type === 'heading' && isQuickStart(node))
  const block = nodes.slice(heading).find(node => node.type === 'code')
  if (heading < 0 || block?.type !== 'code' || block.lang !== 'sh') throw new Error('the README has no quick start')
  return block.value.split('\n')
}

/** @param {import('mdast').Heading} heading */
const isQuickStart = ({ children: [text] }) => text?.type === 'text' && text.value === 'Quick start'
