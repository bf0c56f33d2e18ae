import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'

/**
 * A command of a console block: the remarks before it, the lines typed, and the output below them.
 * @typedef {{ remarks: string[], command: string, output: string, line: number }} Step
 */

/**
 * A block that a page's test runs, and the heading above it. `start` and `end` are offsets in the page's text, `indent` the
 * spaces before its lines.
 * @typedef {(
 *   | { type: 'console', steps: Step[], start: number, end: number, indent: string }
 *   | { type: 'script', text: string }
 *   | { type: 'file', name: string, text: string, isProgram: boolean }
 *   | { type: 'module', text: string }
 * ) & { line: number, heading: string }} Block
 */

/**
 * The blocks of a page that are run one after another in one new directory. The outputs of commands may differ in which
 * of the `interchangeable` names they contain.
 * @typedef {{ line: number, blocks: Block[], interchangeable: string[] }} Group
 */

/** Languages of blocks that do something: each must be run, or marked with the reason why it is not. */
const programs = new Set([
  'console',
  'sh',
  'bash',
  'shell',
  'js',
  'mjs',
  'cjs',
  'javascript',
  'ts',
  'mts',
  'typescript',
])

/** @param {string} text */
export const parseMarkdown = text => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

/**
 * Parses the blocks of a page: `blocks` by directory, and `problems`, one for each block that is neither run nor marked.
 * @param {string} text
 * @returns {{ groups: Group[], problems: string[] }}
 */
export const parsePage = text => {
  /** @type {Group[]} */
  const groups = [{ line: 1, blocks: [], interchangeable: [] }]
  /** @type {string[]} */
  const problems = []
  let heading = ''
  visit(parseMarkdown(text), (node, index, parent) => {
    const line = node.position?.start.line ?? 0
    if (node.type === 'heading') heading = toString(node)
    if (node.type === 'html' && readDirective(node.value) === 'new directory')
      groups.push({ line, blocks: [], interchangeable: [] })
    const group = /** @type {Group} */ (groups.at(-1))
    if (node.type === 'html') {
      const names = /^interchangeable: (.+)$/.exec(readDirective(node.value) ?? '')?.[1]
      if (names !== undefined) group.interchangeable.push(...names.split(/\s+/))
    }
    if (node.type !== 'code') return
    const directives = listDirectives(parent?.children ?? [], index ?? 0)
    if (directives.some(each => /^(not run: .*\w|run by [\w/.-]+$)/.test(each))) return
    const block = parseBlock(text, node, directives)
    if (typeof block === 'string') problems.push(`line ${line}: ${block}`)
    else if (block !== undefined) group.blocks.push({ ...block, heading })
  })
  const used = groups.filter(({ blocks }) => blocks.length > 0)
  return { groups: used, problems: [...problems, ...used.flatMap(findUnusedPrograms)] }
}

/**
 * Returns the text of an HTML comment.
 * @param {string} html
 */
const readDirective = html => /^<!--\s+(.*?)\s+-->$/s.exec(html.trim())?.[1]

/**
 * Lists the comments directly above a block.
 * @param {import('mdast').RootContent[]} siblings
 * @param {number} index
 * @returns {string[]}
 */
const listDirectives = (siblings, index) => {
  const above = siblings[index - 1]
  if (above?.type !== 'html') return []
  return [readDirective(above.value) ?? '', ...listDirectives(siblings, index - 1)]
}

/**
 * Returns the block to run, undefined if a block is only shown, or the problem with it.
 * @param {string} page
 * @param {import('mdast').Code} node
 * @param {string[]} directives
 * @returns {Omit<Block, 'heading'> | string | undefined}
 */
const parseBlock = (page, node, directives) => {
  const { lang, value } = node
  const language = lang ?? ''
  const line = node.position?.start.line ?? 0
  const name = directives.map(each => /^file: (\S+)$/.exec(each)?.[1]).find(Boolean) ?? readFileName(value)
  const isProgram = programs.has(language)
  if (language === 'console') {
    const [start, end] = [node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]
    const indent = ' '.repeat((node.position?.start.column ?? 1) - 1)
    const steps = parseSteps(value, line)
    return steps.length === 0
      ? 'a console block without a command'
      : { type: 'console', line, steps, start, end, indent }
  }
  if (name !== undefined)
    return /^\/|(^|\/)\.\.(\/|$)/.test(name)
      ? `${name} is not in the directory of the page`
      : { type: 'file', line, name, isProgram, text: `${value}\n` }
  if (language === 'json')
    return parsesAsJson(value) ? undefined : 'a json block that is not JSON; jsonc may have comments'
  if (['sh', 'bash', 'shell'].includes(language)) return { type: 'script', line, text: value }
  if (['ts', 'mts', 'typescript'].includes(language)) return { type: 'module', line, text: `${value}\n` }
  return isProgram
    ? `a ${language} block without a file name in its first line, or <!-- not run: REASON --> above it`
    : undefined
}

/** @param {string} text */
const parsesAsJson = text => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Returns the file name in the first line of a block, or in the second one if the first names an interpreter.
 * @param {string} text
 */
const readFileName = text =>
  /^(?:#!.*\n)?(?:\/\/|#|--) ([\w./-]*\w\.\w+)$/m.exec(text.split('\n').slice(0, 2).join('\n'))?.[1]

/**
 * Parses a console block: `# …` is a remark, `$ …` a command, which continues in lines with `> `, and the lines up to the
 * next of these are its output.
 * @param {string} text
 * @param {number} fenceLine
 * @returns {Step[]}
 */
const parseSteps = (text, fenceLine) => {
  /** @type {Step[]} */
  const steps = []
  /** @type {string[]} */
  let remarks = []
  for (const [index, line] of text.split('\n').entries()) {
    const step = steps.at(-1)
    if (line.startsWith('# ')) remarks.push(line)
    else if (line.startsWith('$ ')) {
      steps.push({ remarks, command: line.slice(2), output: '', line: fenceLine + 1 + index })
      remarks = []
    } else if (step === undefined || remarks.length > 0) continue
    else if (line.startsWith('> ') && step.output === '') step.command += `\n${line.slice(2)}`
    else step.output += `${line}\n`
  }
  return steps
}

/**
 * Finds programs that no command and no other file of their directory mentions.
 * @param {Group} group
 * @returns {string[]}
 */
const findUnusedPrograms = ({ blocks }) =>
  blocks.flatMap(block => {
    if (block.type !== 'file' || !block.isProgram || /\.m?ts$/.test(block.name)) return []
    const base = block.name.replace(/^.*\//, '')
    const isUsed = blocks.some(other => other !== block && mentions(other, base))
    return isUsed ? [] : [`line ${block.line}: no command runs ${block.name}`]
  })

/**
 * @param {Block} block
 * @param {string} name
 */
const mentions = (block, name) =>
  block.type === 'console' ? block.steps.some(({ command }) => command.includes(name)) : block.text.includes(name)
