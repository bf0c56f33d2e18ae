import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The source files under a folder of the repository, tests among them, as paths from the root. */
export const sourceFilesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|\..*)$/.test(entry.name) ? [] : sourceFilesUnder(path)
    return /\.(ts|mjs|cjs)$/.test(entry.name) ? [path] : []
  })

/** The files that ship: what is in `src` of each package, without its tests. */
export const shippedSources = (): ReadonlyArray<string> =>
  sourceFilesUnder('packages').filter(path => /^packages\/[\w-]+\/src\//.test(path) && !path.endsWith('.test.ts'))

/** How many of `paths` lie in each folder, deeper ones not counted. */
export const countByFolder = (paths: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return counts
}

/** Every node of a source, outer ones before inner ones. */
export const nodesOf = function* (path: string): Generator<ts.Node> {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
  const pending: Array<ts.Node> = [source]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    yield node
    pending.push(...node.getChildren())
  }
}

/** Where a node is, for people: its path and line. */
export const placeOf = (node: ts.Node): string => {
  const source = node.getSourceFile()
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}
