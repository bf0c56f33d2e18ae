import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Lists the files under a folder of the repository as paths from the root. What is installed or built is left out. */
export const listFiles = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|\.git)$/.test(entry.name) ? [] : listFiles(path)
    return entry.isFile() ? [path] : []
  })

/** Lists the source files under a folder, tests included. */
export const listSources = (folder: string): ReadonlyArray<string> =>
  listFiles(folder).filter(path => /\.(ts|mjs|cjs)$/.test(path))

/** Lists the files that ship: the contents of `src` of each package, without its tests. */
export const listShippedSources = (): ReadonlyArray<string> =>
  listSources('packages').filter(path => /^packages\/[\w-]+\/src\//.test(path) && !path.endsWith('.test.ts'))

/** Lists the pages of the repository. */
export const listPages = (): ReadonlyArray<string> => listFiles('.').filter(path => path.endsWith('.md'))

/** Lists every text file of the repository that is written by hand. */
export const listTexts = (): ReadonlyArray<string> =>
  listFiles('.').filter(path => /\.(ts|mjs|cjs|js|md|sh|py|yaml|yml)$/.test(path) && path !== 'pnpm-lock.yaml')

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Counts `paths` per folder; files of deeper folders do not count. */
export const countByFolder = (paths: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return counts
}

const parseSource = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readText(path), ts.ScriptTarget.Latest, true)

/** Iterates over the nodes of a source, parents before their children. */
export const iterateNodes = function* (path: string): Generator<ts.Node> {
  const pending: Array<ts.Node> = [parseSource(path)]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node
    ts.forEachChild(node, child => void pending.push(child))
  }
}

/** Formats the path and line of a node. */
export const formatLocation = (node: ts.Node): string => {
  const source = node.getSourceFile()
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}
