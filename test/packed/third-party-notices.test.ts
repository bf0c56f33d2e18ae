import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The packages of a module: its own, and those whose code it bundles. */
const listPackages = (path: string): ReadonlyArray<string> => {
  const [, own] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  if (own === undefined || !existsSync(path)) return []
  const regions = readFileSync(path, 'utf8').matchAll(/^\/\/#region .*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)
  return [own, ...[...regions].map(([, name = '']) => name)]
}

/** The modules whose code is in a bundle, read from its source map, or from the comments before each module. */
const listModules = (bundle: string): ReadonlyArray<string> => {
  const map = `${bundle}.map`
  if (!existsSync(map)) {
    const comments = readFileSync(bundle, 'utf8').matchAll(/^\/\/ (\S+\.[cm]?[jt]s)$/gm)
    return [...comments].map(([, path = '']) => resolve(root, path))
  }
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { readonly sources: ReadonlyArray<string> }
  return sources.map(source => resolve(dirname(map), source))
}

const listBundles = (folder: string, isBundle: RegExp): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => isBundle.test(path))
    .map(path => join(folder, path))

const listPackagesOfBundles = (bundles: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(bundles.flatMap(listModules).flatMap(listPackages)),
]

describe('the published bundles', () => {
  const dist = join(root, 'packages/claimlog/dist')
  const bundles = listBundles(dist, /^[^/]+\.cjs$/)
  const expectedPackages = ['@modelcontextprotocol/server', 'commander', 'fp-ts', 'io-ts', 'jsonc-parser', 'zod']

  it('include a notice for every package whose code they contain', () => {
    const inside = listPackagesOfBundles(bundles)
    expect(inside).toEqual(expect.arrayContaining(expectedPackages))
    const notices = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(inside.filter(each => !notices.includes(`\n${each} `))).toEqual([])
  })

  it('name all bundled code in source maps or comments', () => {
    const unnamed = bundles.filter(bundle => !listModules(bundle).some(path => path.includes('/packages/')))
    // The entries of the library only re-export.
    expect(unnamed.filter(bundle => !readFileSync(bundle, 'utf8').includes("require('./library.cjs')"))).toEqual([])
  })
})

it('a package in a bundle without a source map is detected', async () => {
  const folder = temporaryDirectory()
  await build({
    stdin: { contents: "export { visit } from 'jsonc-parser'", resolveDir: join(root, 'packages/workspace') },
    absWorkingDir: root,
    outfile: join(folder, 'index.js'),
    bundle: true,
    format: 'esm',
    mainFields: ['module', 'main'],
  })
  expect(listPackagesOfBundles(listBundles(folder, /\.js$/))).toEqual(['jsonc-parser'])
})
