import { resolve } from 'node:path'
import { build } from 'esbuild'
import { toPath } from './paths.mjs'

/**
 * Modules that a command seldom needs: messages of failures, causes of damage, the main checkout. They form a separate
 * bundle, loaded by the first call of one of their functions. Messages of refusals are not among them: a polling worker is
 * refused most of the time, and loading the bundle takes 6 ms if the log is long (see late/load-crypto.cjs).
 */
export const coldModules = [
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
export const allCold = [...coldModules, ...coldForWorkers]
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

export const lateNames = await listExportNames(allCold)

/** Loads cold modules, and the parser for JSON from outside, on demand. */
export const lateColdModules = modules => ({
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
