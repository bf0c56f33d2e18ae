// Makes the bundles in dist: the command line in few files, because loading many small modules takes longer than running them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { thirdPartyLicences } from '../../.ci/third-party.mjs'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('package.json'), 'utf8'))

/** fp-ts as modules that a bundler can take the unused part out of; the same code as `lib`. */
const fpTsModules = {
  name: 'fp-ts-modules',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^fp-ts\/lib\// }, ({ path, resolveDir, kind }) =>
      resolve(path.replace('/lib/', '/es6/'), { resolveDir, kind }),
    ),
}

/**
 * Takes 3 ms to load, and a command that reads few lines does without. One that reads many tells the optimizing compiler
 * of Node 20 to take its time: it would spend twenty on code that is run for five, and the process would wait for it.
 */
const lateCrypto = `
let loaded
const late = () => {
  if (loaded !== undefined) return loaded
  loaded = require('node:crypto')
  // What is compiled ahead is taken only where the settings are those that it was compiled under.
  if (process.versions.node.startsWith('20.') && !process.env.CLAIMLOG_KEEP_COMPILED)
    require('node:v8').setFlagsFromString('--interrupt-budget=1320000')
  return loaded
}
const crypto = { get hash() { return late().hash }, get createHash() { return late().createHash }, get randomBytes() { return late().randomBytes } }
`

/**
 * Has our modules take what they need from Node's own instead of from copies of them: the bundler would copy each such
 * module, its hundred properties one by one, for each file that names it, which takes 3 ms in all.
 */
const nodeModulesAsTheyAre = {
  name: 'node-modules-as-they-are',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/packages\/.*\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8')
        .replace(/^import \* as crypto from 'node:crypto'/m, lateCrypto)
        .replace(/^import \* as (\w+) from ('node:[\w/]+')/gm, 'const $1 = require($2)')
        .replace(/^import \{([^}]*)\} from ('node:[\w/]+')/gm, (_, names, from) => {
          const values = names.split(',').filter(name => name.trim() !== '' && !/^\s*type /.test(name))
          return `const {${values.join(',').replace(/ as /g, ': ')}} = require(${from})`
        }),
    })),
}

/** commander loads this for subcommands that are programs of their own; there are none, and it takes 5 ms. */
const noChildProcesses = {
  name: 'no-child-processes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'none', namespace: 'no-child-processes' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'no-child-processes' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** The commands of workers are read without commander, where their words are plain. */
const plainWords = {
  name: 'plain-words',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^commander$/ }, () => ({ path: here('src/fast-path/plain-words.ts') })),
}

/**
 * Bundles of their own, by what imports them and the file that they are made of: what people see, what shells ask, what
 * `help` tells, what `doctor` checks, what finds out which agent it is, what reads files of other tools and other copies of
 * a log, what `setup` writes, what is exported, and the checkpoint. A worker's command need not load them.
 */
const apart = {
  render: ['/render/index.ts', 'src/render/index.ts'],
  completion: ['/completion/index.ts', 'src/completion/index.ts'],
  help: ['/help/index.ts', 'src/help/index.ts'],
  export: ['/exporters.ts', 'src/commands/export/exporters.ts'],
  doctor: ['@claimlog/doctor', '../doctor/src/index.ts'],
  identity: ['@claimlog/identity', '../identity/src/index.ts'],
  importing: ['@claimlog/importers/read-files', '../importers/src/read-files.ts'],
  reconciling: ['@claimlog/reconcile', '../reconcile/src/index.ts'],
  setup: ['@claimlog/agent-setup', '../agent-setup/src/index.ts'],
  mcp: ['@claimlog/mcp', '../mcp/src/index.ts'],
  checkpoint: ['@claimlog/checkpoint', '../checkpoint/src/index.ts'],
}
const entryOf = name => ({ [name]: here(apart[name][1]) })

/** Has each of them loaded when it is asked for. */
const loadedApart = {
  name: 'loaded-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@claimlog\/|\.ts$/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined
      const [name] = Object.entries(apart).find(([, [imported]]) => path.endsWith(imported)) ?? []
      return name && { path: `./${name}.cjs`, external: true }
    }),
}

/**
 * Where the native part of fs-ext lies, seen from `dist`: in a package's own folder or in the one it shares. Loading it
 * from there takes a fifth of the time that looking for fs-ext and loading all of it does. Anywhere else it is looked for.
 */
const lateLocks = `
const { closeSync, openSync } = require('node:fs')
const { join } = require('node:path')
const load = () => {
  for (const folder of ['../node_modules', '../..'])
    try {
      const native = { exports: {} }
      process.dlopen(native, join(__dirname, folder, 'fs-ext/build/Release/fs_ext.node'))
      const { flock, constants } = native.exports
      const flags = { exnb: constants.LOCK_EX | constants.LOCK_NB, un: constants.LOCK_UN }
      return (fd, flag) => flock(fd, flags[flag])
    } catch {}
  // Node says of a module that it has no descriptor left for that there is no such module; this says what is missing.
  closeSync(openSync(__filename, 'r'))
  return require('fs-ext').flockSync
}
let loaded
module.exports = { get flockSync() { return (loaded ??= load()) } }`

/** A native module cannot be bundled. It is loaded by the first lock, so that where it is missing the command can say so. */
const nativeModuleLate = {
  name: 'native-module-late',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^fs-ext$/ }, ({ namespace }) =>
      namespace === 'late' ? { path: 'fs-ext', external: true } : { path: 'fs-ext', namespace: 'late' },
    )
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({ contents: lateLocks }))
  },
}

/** picocolors asks as it is loaded whether stdout is a terminal, for which Node loads its streams; we ask for ourselves. */
const colourAsTold = {
  name: 'colour-as-told',
  setup: ({ onLoad }) =>
    onLoad({ filter: /picocolors\.js$/ }, ({ path }) => {
      const asked = '(p.stdout || {}).isTTY'
      const [before, after, ...more] = readFileSync(path, 'utf8').split(asked)
      if (after === undefined || more.length > 0) throw new Error(`picocolors no longer asks once for ${asked}`)
      return { contents: `${before}false${after}` }
    }),
}

/**
 * Modules that a command seldom needs: how failures are worded, what a damaged log shows, where a main checkout is. They are
 * a bundle of their own, loaded by the first call of one of their functions. Not how refusals are worded: a worker that
 * polls is refused most of the time, and this takes 6 ms where the log is long (see lateCrypto).
 */
const coldModules = [
  'discovery/src/git/main-checkout.ts',
  'messages/src/failure-words.ts',
  'messages/src/search-words.ts',
  'messages/src/went-back-words.ts',
  'event-log-file/src/read/damage-cause.ts',
]
/** What only commands for people show: no worker's command comes to it. */
const coldForWorkers = [
  'domain/src/views/diff.ts',
  'domain/src/views/list.ts',
  'domain/src/views/show.ts',
  'domain/src/views/status.ts',
  'domain/src/views/trace-lanes.ts',
  'domain/src/views/trace-steps.ts',
  'messages/src/untrack.ts',
]
const pathIn = modules => new RegExp(`/packages/(${modules.join('|').replaceAll('.', '\\.')})$`)

/** Functions of these names that call those of another bundle, which the first call loads. */
const lateFunctions = (names, bundle) =>
  names.map(name => `export const ${name} = (...given) => require('./${bundle}.cjs').${name}(...given)`).join('\n')

/** The names that a module exports besides types. All must be functions: a bundle has copies of all that it uses. */
const functionsIn = path => {
  const declared = [...readFileSync(path, 'utf8').matchAll(/^export (?!type )(.*)$/gm)].map(([, text]) => text)
  return declared.map(text => {
    const [, name] = /^const (\w+) = (?:async )?[(<]/.exec(text) ?? []
    if (name === undefined) throw new Error(`${path} cannot be loaded late, as it exports more than functions: ${text}`)
    return name
  })
}

/** Has cold modules, and the parser of JSON from outside, loaded late. */
const coldLate = modules => ({
  name: 'cold-late',
  setup: ({ onResolve, onLoad }) => {
    onLoad({ filter: pathIn(modules) }, ({ path }) => ({ contents: lateFunctions(functionsIn(path), 'cold') }))
    onResolve({ filter: /^jsonc-parser$/ }, ({ importer }) =>
      importer.includes('/agent-setup/src/') ? undefined : { path: 'jsonc-parser', namespace: 'late-parser' },
    )
    onLoad({ filter: /.*/, namespace: 'late-parser' }, () => ({ contents: lateFunctions(['visit'], 'json-parser') }))
    onResolve({ filter: /^\.\/(cold|json-parser)\.cjs$/ }, ({ path }) => ({ path, external: true }))
  },
})

const options = {
  outdir: here('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  conditions: ['claimlog-source'],
  mainFields: ['module', 'main'],
  loader: { '.bash': 'text', '.zsh': 'text', '.fish': 'text' },
  supported: { 'dynamic-import': false },
  define: { CLAIMLOG_VERSION: JSON.stringify(version) },
  // Names stay, so that a stack trace can be read; the map is for whoever looks closer.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
}
const pluginsWithin = [fpTsModules, nodeModulesAsTheyAre, colourAsTold, loadedApart, nativeModuleLate]
const plugins = [coldLate(coldModules), ...pluginsWithin]

/** A bundle of a few modules as they are. */
const buildOf = (name, exporting, resolveDir) =>
  build({
    ...options,
    plugins: pluginsWithin,
    stdin: { contents: exporting.join('\n'), resolveDir: here(resolveDir), loader: 'ts' },
    entryNames: name,
  })
const allCold = [...coldModules, ...coldForWorkers]
const cold = await buildOf(
  'cold',
  allCold.map(path => `export * from './${path}'`),
  '..',
)
const loaded = createRequire(import.meta.url)('./dist/cold.cjs')
for (const name of allCold.flatMap(path => functionsIn(here(`../${path}`))))
  if (typeof loaded[name] !== 'function') throw new Error(`${name} is to be loaded late, and cold.cjs does not have it`)
const jsonParser = await buildOf('json-parser', ["export { visit } from 'jsonc-parser'"], '../workspace')

const full = await build({
  ...options,
  plugins: [...plugins, noChildProcesses],
  entryPoints: {
    claimlog: here('src/main.ts'),
    ...entryOf('render'),
    ...entryOf('doctor'),
    ...entryOf('completion'),
    ...entryOf('export'),
    ...entryOf('help'),
    ...entryOf('identity'),
    ...entryOf('importing'),
    ...entryOf('reconciling'),
    ...entryOf('setup'),
    // Writes the published JSON Schemas; users get those, and never run it.
    schemas: here('src/schema/main.ts'),
    // Writes the manual page, here and now.
    manual: here('src/help/manual-main.ts'),
  },
})
const workers = await build({
  ...options,
  plugins: [coldLate(allCold), ...pluginsWithin, plainWords],
  entryPoints: { worker: here('src/fast-path/worker-main.ts'), refresher: here('src/refresher-main.ts') },
})
const agents = await build({
  ...options,
  plugins: [...plugins],
  entryPoints: entryOf('mcp'),
})
const checkpoint = await build({
  ...options,
  plugins,
  entryPoints: entryOf('checkpoint'),
})
writeFileSync(
  here('dist/THIRD-PARTY-LICENSES.txt'),
  thirdPartyLicences([full, workers, agents, checkpoint, cold, jsonParser]),
)
copyFileSync(here('../../LICENSE'), here('LICENSE'))

execFileSync(process.execPath, [here('dist/manual.cjs'), here('dist/claimlog.1')])

// Runs leave behind what they compiled: later ones on the same Node load that instead. There are tasks enough that what
// is done for each of many is among it.
for (const name of readdirSync(here('dist'))) if (name.endsWith('.compiled')) rmSync(here(`dist/${name}`))
const workspace = mkdtempSync(join(tmpdir(), 'claimlog-build-'))
const claimlog = (words, { input = '', keep = '' } = {}) =>
  execFileSync(process.execPath, [here('bin/claimlog.cjs'), ...words], {
    env: { ...process.env, CLAIMLOG_DIR: workspace, CLAIMLOG_KEEP_COMPILED: keep },
    input,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
try {
  claimlog(['init', workspace])
  claimlog(['add', '-'], { input: '{"kind": "docs"}\n'.repeat(300) })
  claimlog(['claim', 'docs-worker', 'docs'], { keep: 'worker' })
  claimlog(['hold', 'docs-9'], { keep: 'claimlog' })
  // Only a long log has a checkpoint: this one is made by the first of two, and opened by the second.
  claimlog(['add', '-'], { input: '{"kind": "docs"}\n'.repeat(5000) })
  claimlog(['claim', 'docs-worker', 'docs'], { keep: 'checkpoint' })
  claimlog(['trace', 'docs-9'], { keep: 'render' })
} finally {
  rmSync(workspace, { recursive: true })
}
