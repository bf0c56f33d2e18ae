// A test runner for Stryker: all tests of a package as one bundle, evaluated for each mutant in the same process, until
// the first test fails. Vitest would start a worker and load every module again: seconds for each of 2,000 mutants.
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import { build } from 'esbuild'

/** Unlike Vitest's function of this name, it has no timeout: Stryker has one. */
const waitUntil = async condition => {
  while (!(await condition())) await new Promise(resolve => setTimeout(resolve, 10))
}

/** The part of the Vitest API that the tests use. It collects the tests, and the cleanups to run after a test. */
const collector = ({ expect, spyOn }) => {
  const tests = []
  const cleanups = []
  const titles = []
  const describe = (title, body) => {
    titles.push(title)
    body()
    titles.pop()
  }
  const it = (title, body) => {
    tests.push({ name: [...titles, title].join(' > '), body })
  }
  const each = declare => cases => (title, body) => {
    const areLists = cases.every(Array.isArray)
    for (const values of cases) declare(title, () => (areLists ? body(...values) : body(values)))
  }
  const vitest = {
    describe: Object.assign(describe, { each: each(describe) }),
    it: Object.assign(it, { each: each(it) }),
    test: it,
    // Vitest's `expect` accepts a message as second argument.
    expect: Object.assign(value => expect(value), expect),
    onTestFinished: cleanup => {
      cleanups.unshift(cleanup)
    },
    vi: { spyOn, waitUntil },
  }
  return { tests, cleanups, vitest }
}

/** Bundles the packages of the workspace, and keeps `import.meta.url` of each file. */
const workspaceSources = {
  name: 'workspace-sources',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^[^./]/ }, ({ path }) =>
      path.startsWith('@claimlog/') ? undefined : { path, external: true },
    )
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      return { contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path))), loader: 'ts' }
    })
  },
}

const bundleTests = async files => {
  const entries = files.map(file => `${JSON.stringify(file)}: () => require(${JSON.stringify(file)})`)
  const { outputFiles } = await build({
    stdin: { contents: `module.exports = {${entries.join(',')}}`, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    conditions: ['claimlog-source'],
    plugins: [workspaceSources],
    logLevel: 'error',
  })
  return new Script(`(require, module) => {${outputFiles[0].text}\n}`, { filename: 'tests.js' })
}

const createRunner = ({ oneProcess: { tools, folder } }) => {
  const { expect } = createRequire(join(tools, 'package.json'))('expect')
  let spyOn
  const requireHere = createRequire(resolve(folder, 'package.json'))
  let script
  let order = []

  /** Runs the tests until one fails; returns those that passed and the failed one, with its file and error. */
  const run = async () => {
    const { tests, cleanups, vitest } = collector({ expect, spyOn })
    const module = { exports: {} }
    script.runInThisContext()(name => (name === 'vitest' ? vitest : requireHere(name)), module)
    const passed = []
    for (const file of order) {
      let current = file
      try {
        module.exports[file]()
        for (const { name, body } of tests.splice(0)) {
          current = name
          const startedAt = performance.now()
          try {
            await body()
          } finally {
            for (const cleanup of cleanups.splice(0)) await cleanup()
          }
          passed.push({ name, tookMs: performance.now() - startedAt })
        }
      } catch (error) {
        return { passed, failed: { file, name: current, how: String(error?.stack ?? error) } }
      }
    }
    return { passed }
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),
    init: async () => {
      ;({ spyOn } = await import(pathToFileURL(join(tools, 'node_modules/@vitest/spy/dist/index.js')).href))
      const names = readdirSync(resolve(folder, 'src'), { recursive: true }).filter(name => name.endsWith('.test.ts'))
      order = names.map(name => resolve(folder, 'src', name))
      script = await bundleTests(order)
    },
    dryRun: async () => {
      const { passed, failed } = await run()
      if (failed !== undefined) return { status: 'error', errorMessage: `${failed.name}: ${failed.how}` }
      const tests = passed.map(({ name, tookMs }, i) => ({ id: `${i}`, name, timeSpentMs: tookMs, status: 0 }))
      return { status: 'complete', tests }
    },
    mutantRun: async ({ activeMutant }) => {
      globalThis.__stryker__ = { activeMutant: activeMutant.id }
      const { passed, failed } = await run()
      const nrOfTests = passed.length
      if (failed === undefined) return { status: 'survived', nrOfTests }
      // The next mutant is near this one, and the same tests are likely to kill it.
      order = [failed.file, ...order.filter(file => file !== failed.file)]
      return { status: 'killed', killedBy: [failed.name], failureMessage: failed.how, nrOfTests }
    },
  }
}

const factory = options => createRunner(options)
factory.inject = ['options']

export const strykerPlugins = [{ kind: 'TestRunner', name: 'one-process', factory }]
