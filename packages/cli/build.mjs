// Makes dist/claimlog.cjs: the command line in one file, because loading many small modules takes longer than running them.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

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

/** commander loads this for subcommands that are programs of their own; there are none, and it takes 5 ms. */
const noChildProcesses = {
  name: 'no-child-processes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, () => ({ path: 'none', namespace: 'no-child-processes' }))
    onLoad({ filter: /.*/, namespace: 'no-child-processes' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** What people see, and what `doctor` checks, are bundles of their own: the commands of workers need not load them. */
const apart = {
  name: 'apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/(render|doctor)\/index\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${path.split('/').at(-2)}.cjs`, external: true } : undefined,
    ),
}

/** A native module cannot be bundled. It is loaded by the first lock, so that where it is missing the command can say so. */
const nativeModuleLate = {
  name: 'native-module-late',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^fs-ext$/ }, ({ namespace }) =>
      namespace === 'late' ? { path: 'fs-ext', external: true } : { path: 'fs-ext', namespace: 'late' },
    )
    onLoad({ filter: /.*/, namespace: 'late' }, () => ({
      contents: "module.exports = { get flockSync() { return require('fs-ext').flockSync } }",
    }))
  },
}

await build({
  entryPoints: {
    claimlog: here('src/main.ts'),
    render: here('src/render/index.ts'),
    doctor: here('src/doctor/index.ts'),
    // Writes the published JSON Schemas; users get those, and never run it.
    schemas: here('src/schema/main.ts'),
  },
  outdir: here('dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  conditions: ['source'],
  mainFields: ['module', 'main'],
  supported: { 'dynamic-import': false },
  define: { CLAIMLOG_VERSION: JSON.stringify(version) },
  plugins: [fpTsModules, noChildProcesses, apart, nativeModuleLate],
  // Names stay, so that a stack trace can be read; the map is for whoever looks closer.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  logLevel: 'warning',
})

// A run that claims a task leaves behind what it compiled: later runs on the same Node load that instead.
const workspace = mkdtempSync(join(tmpdir(), 'claimlog-build-'))
try {
  for (const words of [
    ['init', workspace],
    ['add', 'docs'],
    ['claim', 'docs-worker', 'docs'],
  ])
    execFileSync(process.execPath, [here('bin/claimlog.cjs'), ...words], {
      env: { ...process.env, CLAIMLOG_DIR: workspace, CLAIMLOG_KEEP_COMPILED: words[0] === 'claim' ? '1' : '' },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
} finally {
  rmSync(workspace, { recursive: true })
}
