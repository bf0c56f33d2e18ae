import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { bundle, bundleExports, commandPlugins, plugins, sharedPlugins } from './bundle.mjs'
import { allCold, lateColdModules, lateNames } from './late-modules.mjs'
import { toPath } from './paths.mjs'
import { fastPath, noChildProcesses, onlyJavaScriptClient } from './plugins.mjs'
import { entryPoint } from './separate-bundles.mjs'

/** Builds the bundles that commands and the library load on demand. */
const buildColdBundles = async () => {
  const exporting = allCold.map(path => `export * from './${path}'`)
  const cold = await bundleExports('cold', exporting, '..', { plugins: sharedPlugins })
  const loaded = createRequire(import.meta.url)(toPath('dist/cold.cjs'))
  for (const name of [...lateNames.values()].flat())
    if (typeof loaded[name] !== 'function')
      throw new Error(`${name} must be loaded from cold.cjs, which does not have it`)
  const visit = ["export { visit } from 'jsonc-parser'"]
  return [cold, await bundleExports('json-parser', visit, '../workspace', { plugins: sharedPlugins })]
}

/** Builds the command line: few files, because loading many small modules takes longer than running them. */
export const buildCommandLine = async () => {
  const builds = [
    ...(await buildColdBundles()),
    await bundle({
      plugins: [...plugins, noChildProcesses],
      entryPoints: {
        claimlog: toPath('../cli/src/main.ts'),
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
        manual: toPath('../cli/src/help/manual-main.ts'),
      },
    }),
    await bundle({
      plugins: [lateColdModules(allCold), fastPath, ...commandPlugins],
      entryPoints: {
        worker: toPath('../cli/src/fast-path/worker-main.ts'),
        'claimlog-refresher': toPath('../client/src/refresher/main.ts'),
      },
    }),
    await bundle({ entryPoints: entryPoint('mcp') }),
    await bundle({ entryPoints: entryPoint('checkpoint') }),
    await bundle({ entryPoints: entryPoint('postgres'), plugins: [onlyJavaScriptClient, ...plugins] }),
    await bundle({ entryPoints: { 'other-lock': toPath('late/other-lock.cjs') } }),
  ]
  execFileSync(process.execPath, [toPath('dist/manual.cjs'), toPath('dist/claimlog.1')])
  return builds
}
