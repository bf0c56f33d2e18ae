// The plugins of the bundler. Loading many small modules takes longer than running them, so a command loads few files.
import { readFileSync } from 'node:fs'
import { transform } from 'esbuild'
import { separateBundles } from './separate-bundles.mjs'
import { toPath } from './paths.mjs'

/** Resolves fp-ts to its ES modules, which can be tree-shaken; the code is the same as in `lib`. */
export const fpTsModules = {
  name: 'fp-ts-modules',
  setup: ({ onResolve, resolve }) =>
    onResolve({ filter: /^fp-ts\/lib\// }, ({ path, resolveDir, kind }) =>
      resolve(path.replace('/lib/', '/es6/'), { resolveDir, kind }),
    ),
}

/** Replaces event-log-line's load-crypto.ts with late/load-crypto.cjs, which says why. */
export const commandCrypto = {
  name: 'command-crypto',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/load-crypto\.ts$/ }, () => ({ path: toPath('late/load-crypto.cjs') })),
}

/** commander loads this for subcommands that are separate programs; there are none, and loading it takes 5 ms. */
export const noChildProcesses = {
  name: 'no-child-processes',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'none', namespace: 'no-child-processes' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'no-child-processes' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/** Fails the build if a new version of a library no longer has the text. */
const replaceOnce = (source, text, replacement) => {
  if (source.split(text).length !== 2) throw new Error(`not there once: ${text}`)
  return source.replace(text, replacement)
}

/**
 * pg loads these on other runtimes, or if its native client is asked for. Without them in the bundle, a program that
 * bundles the library needs neither.
 */
export const onlyJavaScriptClient = {
  name: 'only-javascript-client',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^pg-(native|cloudflare)$/ }, ({ path }) => ({ path, namespace: 'only-javascript-client' }))
    onLoad({ filter: /.*/, namespace: 'only-javascript-client' }, () => ({ contents: 'module.exports = {}' }))
    // To find out where it runs, the client makes a Response, for which Node loads all of fetch: 10 ms.
    onLoad({ filter: /\/pg\/lib\/stream\.js$/ }, ({ path }) => ({
      contents: replaceOnce(readFileSync(path, 'utf8'), '= getStreamFuncs()', '= getNodejsStreamFuncs()'),
    }))
  },
}

/**
 * Workers' commands are parsed without commander, if they are simple, and run without most of fp-ts/TaskEither: loading
 * either takes longer than such a command runs.
 */
export const fastPath = {
  name: 'fast-path',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^commander$/ }, () => ({ path: toPath('../cli/src/fast-path/argv.ts') }))
    onResolve({ filter: /^fp-ts\/lib\/TaskEither/ }, () => ({ path: toPath('../cli/src/fast-path/task-either.ts') }))
  },
}

/** Loads each of the separate bundles on demand. */
export const loadSeparateBundles = {
  name: 'separate-bundles',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^@claimlog\/|\.ts$/ }, ({ kind, path }) => {
      if (kind !== 'dynamic-import') return undefined
      const [name] = Object.entries(separateBundles).find(([, [imported]]) => path.endsWith(imported)) ?? []
      return name && { path: `./${name}.cjs`, external: true }
    }),
}

/**
 * A native module cannot be bundled. The first lock loads it, so that the command can report that it is missing; see
 * late/fs-ext.cjs.
 */
export const lateNativeModule = {
  name: 'late-native-module',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^fs-ext(-extra-prebuilt)?$|^\.\/other-lock\.cjs$/ }, ({ path, importer }) =>
      importer.startsWith(toPath('late/')) ? { path, external: true } : { path: toPath('late/fs-ext.cjs') },
    ),
}

/** picocolors checks for a terminal when it is loaded, which makes Node load its streams; we check ourselves. */
export const picocolorsWithoutProcess = {
  name: 'picocolors-without-process',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/picocolors\.js$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, 'utf8'), { define: { process: '{}' } })
      return { contents: code }
    }),
}
