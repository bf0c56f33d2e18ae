// `npm run docs:console [-- PAGE...]`: runs the console blocks of the pages and replaces their output by the actual one.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { findTemplate, listPages } from './list-pages.mjs'
import { root } from './page-directory.mjs'
import { needsServer } from './page-server.mjs'
import { parsePage } from './parse-page.mjs'
import { compareOutputs, runGroup } from './run-group.mjs'
import { withServer } from './test-server.mjs'

/** @typedef {import('./parse-page.mjs').Block & { type: 'console' }} ConsoleBlock */

/**
 * Formats a console block with the actual output of its commands.
 * @param {ConsoleBlock} block
 * @param {Map<import('./parse-page.mjs').Step, string>} outputs
 */
const formatBlock = ({ steps, indent }, outputs) =>
  ['```console', ...steps.flatMap(step => formatStep(step, outputs.get(step) ?? '')), '```']
    .join('\n')
    .replace(/\n(?=.)/g, `\n${indent}`)

/**
 * @param {import('./parse-page.mjs').Step} step
 * @param {string} output
 */
const formatStep = ({ remarks, command }, output) => [
  ...remarks,
  `$ ${command.replaceAll('\n', '\n> ')}`,
  ...(output === '' ? [] : [output.replace(/\n$/, '')]),
]

/** @param {string} path */
const writePage = async path => {
  const text = readFileSync(join(root, path), 'utf8')
  const { groups, problems } = parsePage(text)
  /** @type {[ConsoleBlock, string][]} */
  const written = []
  for (const group of groups) {
    const template = findTemplate(path)
    const result = needsServer(group)
      ? await withServer(server => runGroup(group, { template, server }))
      : await runGroup(group, { template })
    problems.push(...result.problems)
    const { shown, actual } = compareOutputs(group, result)
    // Times and ids that are no longer the actual ones are no reason to change a page.
    if (isDeepStrictEqual(shown, actual)) continue
    for (const block of group.blocks)
      if (block.type === 'console') written.push([block, formatBlock(block, result.outputs)])
  }
  const changed = written.reduceRight(
    (rest, [{ start, end }, block]) => rest.slice(0, start) + block + rest.slice(end),
    text,
  )
  if (changed !== text) {
    writeFileSync(join(root, path), changed)
    process.stdout.write(`${path} is written\n`)
  }
  for (const problem of problems) process.stderr.write(`${path}, ${problem}\n`)
  if (problems.length > 0) process.exitCode = 1
}

const chosen = process.argv.slice(2).map(path => relative(root, path))
for (const path of chosen.length > 0 ? chosen : listPages()) await writePage(path)
