import { build } from 'esbuild'
import {
  commandCrypto,
  fpTsModules,
  lateNativeModule,
  loadSeparateBundles,
  picocolorsWithoutProcess,
} from './plugins.mjs'
import { coldModules, lateColdModules } from './late-modules.mjs'
import { manifest, toPath } from './paths.mjs'

/** Plugins of bundles that the library loads, too. */
export const sharedPlugins = [fpTsModules, picocolorsWithoutProcess, loadSeparateBundles, lateNativeModule]
/** Plugins of bundles that only a command loads. */
export const commandPlugins = [commandCrypto, ...sharedPlugins]
/** The plugins of most bundles. */
export const plugins = [lateColdModules(coldModules), ...commandPlugins]

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
  define: { CLAIMLOG_VERSION: JSON.stringify(manifest.version) },
  // Names are kept so that a stack trace is readable; the source map has the details.
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  metafile: true,
  logLevel: 'warning',
}

/** Bundles `entryPoints` into `dist`, each into one CommonJS file; returns esbuild's result with its metafile. */
export const bundle = settings => build({ ...options, plugins, ...settings })

/** Builds the bundle `name`, which re-exports other modules: `exporting` is resolved in the folder `resolveDir`. */
export const bundleExports = (name, exporting, resolveDir, settings) =>
  bundle({
    ...settings,
    stdin: { contents: exporting.join('\n'), resolveDir: toPath(resolveDir), loader: 'ts' },
    entryNames: name,
  })
