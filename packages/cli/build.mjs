// Builds the bundles in dist: the command line in few files, because loading many small modules takes longer than running them.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { writeModules } from '../../.ci/bundle-modules.mjs'
import { thirdPartyLicences } from '../../.ci/third-party.mjs'

const toPath = path => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(toPath('package.json'), 'utf8'))

/** Resolves fp-ts to its ES modules, which can be tree-shaken; the code is the same as in `lib`. */
const fpTsModules = {
  name: 'fp-ts-modules',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^fp-ts\/lib\// }, ({ path, resolveDir, kind }) =>
      resolve(path.replace('/lib/', '/es6/'), { resolveDir, kind }),
    ),
}

/** Replaces event-log-file's load-crypto.ts with late/load-crypto.cjs, which says why. */
const commandCrypto = {
  name: 'command-crypto',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/load-crypto\.ts$/ }, () => ({ path: toPath('late/load-crypto.cjs') })),
}

/** commander loads this for subcommands that are separate programs; there are none, and loading it takes 5 ms. */
const noChildProcesses = {
  name: 'no-child-processes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'none', namespace: 'no-child-processes' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'no-child-processes' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/**
 * Workers' commands are parsed without commander, if they are simple, and run without most of fp-ts/TaskEither: loading
 * either takes longer than such a command runs.
 */
const fastPath = {
  name: 'fast-path',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^commander$/ }, () => ({ path: toPath('src/fast-path/argv.ts') }))
    onResolve({ filter: /^fp-ts\/lib\/TaskEither/ }, () => ({ path: toPath('src/fast-path/task-either.ts') }))
  },
}

/**
 * Separate bundles that a worker's command need not load, each with the import that it replaces and its entry file: text for
 * people, shell completion, help, doctor, agent identity, importers, reconciliation, agent setup, MCP, exports, checkpoint.
 */
const separateBundles = {
  render: ['/render/index.ts', 'src/render/index.ts'],
  completion: ['/completion/index.ts', 'src/completion/index.ts'],
  help: ['/help/index.ts', 'src/help/index.ts'],
  export: ['@claimlog/exporters', '../exporters/src/index.ts'],
  doctor: ['@claimlog/doctor', '../doctor/src/index.ts'],
  identity: ['@claimlog/identity', '../identity/src/index.ts'],
  'import-files': ['@claimlog/importers/read-files', '../importers/src/read-files.ts'],
  reconcile: ['@claimlog/reconcile', '../reconcile/src/index.ts'],
  setup: ['@claimlog/agent-setup', '../agent-setup/src/index.ts'],
  mcp: ['@claimlog/mcp', '../mcp/src/index.ts'],
  checkpoint: ['@claimlog/checkpoint', '../checkpoint/src/index.ts'],
}
const entryPoint = name => ({ [name]: toPath(separateBundles[name][1]) })

/** Loads each of them on demand. */
const loadSeparateBundles = {
  name: 'separate-bundles',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@claimlog\/|\.ts$/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined
      const [name] = Object.entries(separateBundles).find(([, [imported]]) => path.endsWith(imported)) ?? []
      return name && { path: `./${name}.cjs`, external: true }
    }),
}

/** A native module cannot be bundled. The first lock loads it, so that the command can report that it is missing. */
const lateNativeModule = {
  name: 'late-native-module',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^fs-ext$/ }, ({ importer }) =>
      importer === toPath('late/fs-ext.cjs') ? { path: 'fs-ext', external: true } : { path: toPath('late/fs-ext.cjs') },
    ),
}

/** picocolors checks for a terminal when it is loaded, which makes Node load its streams; we check ourselves. */
const picocolorsWithoutProcess = {
  name: 'picocolors-without-process',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/picocolors\.js$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { define: { process: '{}' } })
      return { contents: code }
    }),
}

/**
 * Modules that a command seldom needs: messages of failures, causes of damage, the main checkout. They form a separate
 * bundle, loaded by the first call of one of their functions. Messages of refusals are not among them: a polling worker is
 * refused most of the time, and loading the bundle takes 6 ms if the log is long (see late/load-crypto.cjs).
 */
const coldModules = [
  'discovery/src/git/main-checkout.ts',
  'messages/src/failure-messages.ts',
  'messages/src/workspace-search-messages.ts',
  'messages/src/rewound-log-message.ts',
  'event-log-file/src/read/damage-cause.ts',
]
/** Modules that only commands for people use, and no worker's command. */
const coldForWorkers = [
  'domain/src/queries/diff.ts',
  'domain/src/queries/list.ts',
  'domain/src/queries/show.ts',
  'domain/src/queries/status.ts',
  'domain/src/queries/trace-lanes.ts',
  'domain/src/queries/trace-steps.ts',
  'domain/src/queries/work-left.ts',
  'messages/src/untrack-commands.ts',
  'wire/src/translate/wait-progress.ts',
  'wire/src/translate/diff.ts',
  'wire/src/translate/list.ts',
  'wire/src/translate/show.ts',
  'wire/src/translate/status.ts',
  'wire/src/translate/trace.ts',
  'workspace/src/waiting/wait-for-tasks.ts',
]
const allCold = [...coldModules, ...coldForWorkers]
const matchPaths = modules => new RegExp(`/packages/(${modules.join('|').replaceAll('.', '\\.')})$`)

/** Functions with these names that forward to another bundle, which the first call loads. */
const lateFunctions = (names, bundle) =>
  names.map(name => `export const ${name} = (...args) => require('./${bundle}.cjs').${name}(...args)`).join('\n')

/** The names that each module exports besides types. All must be functions: values would be copied into each bundle. */
const listExportNames = async modules => {
  const paths = modules.map(path => toPath(`../${path}`))
  const asModules = { format: 'esm', outdir: 'none', write: false, metafile: true, logLevel: 'warning' }
  const { metafile } = await build({ ...asModules, entryPoints: paths })
  const outputs = Object.values(metafile.outputs)
  return new Map(outputs.map(({ entryPoint, exports }) => [resolve(entryPoint), exports]))
}

const lateNames = await listExportNames(allCold)

/** Loads cold modules, and the parser for JSON from outside, on demand. */
const lateColdModules = modules => ({
  name: 'late-cold-modules',
  setup: ({ onResolve, onLoad }) => {
    onLoad({ filter: matchPaths(modules) }, ({ path }) => ({ contents: lateFunctions(lateNames.get(path), 'cold') }))
    onResolve({ filter: /^jsonc-parser$/ }, ({ importer }) =>
      importer.includes('/agent-setup/src/') ? undefined : { path: 'jsonc-parser', namespace: 'late-parser' },
    )
    onLoad({ filter: /.*/, namespace: 'late-parser' }, () => ({ contents: lateFunctions(['visit'], 'json-parser') }))
    onResolve({ filter: /^\.\/(cold|json-parser)\.cjs$/ }, ({ path }) => ({ path, external: true }))
  },
})

const options = {
  outdir: toPath('dist'),
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
  // Names are kept so that a stack trace is readable; the source map has the details.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
}
const basePlugins = [fpTsModules, commandCrypto, picocolorsWithoutProcess, loadSeparateBundles, lateNativeModule]
const plugins = [lateColdModules(coldModules), ...basePlugins]

/** Builds a bundle that re-exports a few modules. */
const buildModules = (name, exporting, resolveDir) =>
  build({
    ...options,
    plugins: basePlugins,
    stdin: { contents: exporting.join('\n'), resolveDir: toPath(resolveDir), loader: 'ts' },
    entryNames: name,
  })
const cold = await buildModules(
  'cold',
  allCold.map(path => `export * from './${path}'`),
  '..',
)
const loaded = createRequire(import.meta.url)('./dist/cold.cjs')
for (const name of [...lateNames.values()].flat())
  if (typeof loaded[name] !== 'function')
    throw new Error(`${name} must be loaded from cold.cjs, which does not have it`)
const jsonParser = await buildModules('json-parser', ["export { visit } from 'jsonc-parser'"], '../workspace')

const full = await build({
  ...options,
  plugins: [...plugins, noChildProcesses],
  entryPoints: {
    claimlog: toPath('src/main.ts'),
    ...entryPoint('render'),
    ...entryPoint('doctor'),
    ...entryPoint('completion'),
    ...entryPoint('export'),
    ...entryPoint('help'),
    ...entryPoint('identity'),
    ...entryPoint('import-files'),
    ...entryPoint('reconcile'),
    ...entryPoint('setup'),
    // Writes the manual page during the build.
    manual: toPath('src/help/manual-main.ts'),
  },
})
const workers = await build({
  ...options,
  plugins: [lateColdModules(allCold), fastPath, ...basePlugins],
  entryPoints: { worker: toPath('src/fast-path/worker-main.ts'), refresher: toPath('../client/src/refresher-main.ts') },
})
const agents = await build({
  ...options,
  plugins: [...plugins],
  entryPoints: entryPoint('mcp'),
})
const checkpoint = await build({
  ...options,
  plugins,
  entryPoints: entryPoint('checkpoint'),
})
writeFileSync(
  toPath('dist/THIRD-PARTY-LICENSES.txt'),
  thirdPartyLicences([full, workers, agents, checkpoint, cold, jsonParser]),
)
writeModules([full, workers, agents, checkpoint, cold, jsonParser], toPath('dist/modules.json'))
copyFileSync(toPath('../../LICENSE'), toPath('LICENSE'))

execFileSync(process.execPath, [toPath('dist/manual.cjs'), toPath('dist/claimlog.1')])

// These runs save compiled code, which later runs on the same Node load instead. There are enough tasks to have the code
// for many tasks compiled as well.
for (const name of readdirSync(toPath('dist'))) if (name.endsWith('.compiled')) rmSync(toPath(`dist/${name}`))
const workspace = mkdtempSync(join(tmpdir(), 'claimlog-build-'))
const claimlog = (args, { input = '', keep = '' } = {}) =>
  execFileSync(process.execPath, [toPath('bin/claimlog.cjs'), ...args], {
    env: { ...process.env, CLAIMLOG_DIR: workspace, CLAIMLOG_KEEP_COMPILED: keep },
    input,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
try {
  claimlog(['init', workspace])
  claimlog(['add', '-'], { input: '{"kind": "docs"}\n'.repeat(300) })
  claimlog(['claim', 'docs-worker', 'docs'], { keep: 'worker' })
  claimlog(['hold', 'docs-9'], { keep: 'claimlog' })
  // Only a long log has a checkpoint: the first of these commands writes it, the second opens it.
  claimlog(['add', '-'], { input: '{"kind": "docs"}\n'.repeat(5000) })
  claimlog(['claim', 'docs-worker', 'docs'], { keep: 'checkpoint' })
  claimlog(['trace', 'docs-9'], { keep: 'render' })
} finally {
  rmSync(workspace, { recursive: true })
}
