import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readBundles, reviewedPath, workerModules } from './built-modules.mjs'

/** The maximum size of each bundle, in KB of 1,000 bytes. In comments: the size on 2026-11-30. */
const kilobytesMax: Readonly<Record<string, number>> = {
  'claimlog.cjs': 658, // 650: logs on servers, config.json, migrate, move
  'worker.cjs': 301, // 296: config.json, a place for each log
  'claimlog-refresher.cjs': 210, // 204
  'mcp.cjs': 750, // 731
  'cold.cjs': 115, // 108
  'checkpoint.cjs': 29, // 28
  // The client library of PostgreSQL, for a log on a server only.
  'postgres.cjs': 221, // 217: turns
  'render.cjs': 50, // 48
  'doctor.cjs': 212, // 206: checks of a server
  'completion.cjs': 20, // 18
  'export.cjs': 95, // 91
  'help.cjs': 72, // 67
  'identity.cjs': 48, // 46
  'import-files.cjs': 205, // 197
  'reconcile.cjs': 172, // 167
  'setup.cjs': 114, // 110: config.json
  'json-parser.cjs': 20, // 18
  'other-lock.cjs': 3, // 2
  // Not minified, for the stack traces of a user's program.
  'library.cjs': 446, // 441
}

/** Writes the manual page during the build; it is not in the package. */
const notShipped = ['manual.cjs']

const bundles = Object.entries(readBundles()).filter(([name]) => !notShipped.includes(name))

describe('the bundles that are shipped', () => {
  it('contain no testing code', () => {
    const testingPath = /\/testing\/|\/test\/|conformance|-laws?\.|\.test\.|specification|queue-model/
    const testingModules = bundles.flatMap(([name, { modules }]) =>
      modules.filter(path => path.startsWith('packages/') && testingPath.test(path)).map(path => `${name}: ${path}`),
    )
    expect(testingModules).toEqual([])
  })

  it('do not exceed their maximum sizes', () => {
    expect(bundles.map(([name]) => name).sort()).toEqual(Object.keys(kilobytesMax).sort())
    const tooLarge = bundles.filter(([name, { bytes }]) => bytes > 1000 * (kilobytesMax[name] ?? 0))
    expect(tooLarge.map(([name, { bytes }]) => `${name}: ${bytes}`)).toEqual([])
  })
})

describe('the bundle of the commands that workers repeat', () => {
  it('contains exactly the reviewed modules; to update the list: node test/bundles/built-modules.mjs', () => {
    expect(workerModules()).toBe(readFileSync(reviewedPath, 'utf8'))
  })

  it('calls no function of fp-ts that its small TaskEither lacks', () => {
    const bundle = readFileSync(new URL('../../packages/claimlog/dist/worker.cjs', import.meta.url), 'utf8')
    expect(bundle).toMatch(/mapLeft/)
    // What the bundler writes for a call of an import that does not exist.
    expect([...bundle.matchAll(/\(void 0\)\([^)]*\)/g)].map(([call]) => call)).toEqual([])
  })

  it('contains no code for people, agents or other tools, and no code that is loaded on demand', () => {
    const excludedPaths =
      /packages\/(agent-setup|doctor|exporters|identity|mcp|reconcile)\/|checkpoint\/src\/(?!damage|file-names)|importers\/src\/(?!lines|ndjson)|\/render\/|memory-log/
    expect(
      workerModules()
        .split('\n')
        .filter(path => excludedPaths.test(path)),
    ).toEqual([])
  })
})
