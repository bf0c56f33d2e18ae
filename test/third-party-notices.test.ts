import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** The packages that a module is of: its own, and those whose code it brings along in a bundle. */
const packagesOf = (path: string): ReadonlyArray<string> => {
  const [, own] = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  if (own === undefined || !existsSync(path)) return []
  const regions = readFileSync(path, 'utf8').matchAll(/^\/\/#region .*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//gm)
  return [own, ...[...regions].map(([, name = '']) => name)]
}

it.each(['cli/dist', 'coordinator/dist/published'])(
  'every package whose code is in a bundle in %s is in its notices',
  folder => {
    const dist = join(packages, folder)
    const notices = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    const inside = new Set<string>()
    for (const file of readdirSync(dist).filter(each => /\.(?:cjs|mjs|js)\.map$/.test(each))) {
      const { sources } = JSON.parse(readFileSync(join(dist, file), 'utf8')) as {
        readonly sources: ReadonlyArray<string>
      }
      for (const source of sources)
        for (const each of packagesOf(resolve(dirname(join(dist, file)), source))) inside.add(each)
    }
    const missing = [...inside].filter(each => !notices.includes(`\n${each} `))
    expect(missing).toEqual([])
  },
)
