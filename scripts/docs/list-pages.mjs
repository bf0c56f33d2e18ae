import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './page-directory.mjs'

/**
 * Lists the pages whose blocks are run, as paths from the root of the repository. Decisions are history.
 * @returns {string[]}
 */
export const listPages = () =>
  ['README.md', 'docs', 'examples']
    .flatMap(entry =>
      entry.endsWith('.md')
        ? [entry]
        : readdirSync(join(root, entry), { recursive: true, encoding: 'utf8' }).map(path => join(entry, path)),
    )
    .filter(path => path.endsWith('.md') && !path.startsWith('docs/decisions/'))
    .sort()

/**
 * Returns the folder whose files the commands of a page need: that of an example.
 * @param {string} path
 */
export const findTemplate = path =>
  /^examples\/[\w-]+\/README\.md$/.test(path) && existsSync(join(root, path)) ? dirname(path) : undefined
