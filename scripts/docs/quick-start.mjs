import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toString } from 'mdast-util-to-string'
import { root, withPageDirectory } from './page-directory.mjs'
import { parseMarkdown } from './parse-page.mjs'
import { recordTerminal } from './record-terminal.mjs'
import { renderTerminal } from './render-terminal.mjs'

/** Returns the lines of the README's quick start. */
export const readQuickStart = () => {
  const nodes = parseMarkdown(readFileSync(join(root, 'README.md'), 'utf8')).children
  const heading = nodes.findIndex(node => node.type === 'heading' && toString(node) === 'Quick start')
  const block = nodes.slice(heading).find(node => node.type === 'code')
  if (heading < 0 || block?.type !== 'code' || block.lang !== 'sh') throw new Error('the README has no quick start')
  return block.value.split('\n')
}

/** The width of the terminal: that of the longest line, with its prompt. */
const columns = 100

/**
 * Runs the quick start on a terminal, without the installation, and draws what it shows from the start of the workers on;
 * returns the SVG.
 */
export const drawQuickStart = async () => {
  const lines = readQuickStart()
  const commands = lines.slice(lines.indexOf('claimlog init'))
  const from = commands.find(line => line.startsWith('for ')) ?? ''
  const rows = await withPageDirectory(dir => recordTerminal(commands, { columns, from, dir }))
  return renderTerminal(rows, {
    columns,
    title: 'Three workers in a terminal',
    description:
      'Three workers start in the background. Each claims one of three tasks and completes it. The list shows all tasks as done, and the trace of one shows when it was added, claimed and completed.',
  })
}
