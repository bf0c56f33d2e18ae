// Writes the list of modules in worker.cjs to worker-modules.txt:
// node .ci/setup.mjs && node test/bundles/built-modules.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const resolvePath = path => fileURLToPath(new URL(path, import.meta.url))

/**
 * Reads the contents of the bundles from the last build.
 *
 * @returns {Record<string, { bytes: number, modules: ReadonlyArray<string> }>} by the name of the bundle
 */
export const readBundles = () =>
  JSON.parse(readFileSync(resolvePath('../../packages/claimlog/dist/modules.json'), 'utf8'))

/** Our modules in the bundle of workers' commands, one per line. */
export const workerModules = () => {
  const { modules } = readBundles()['worker.cjs']
  return `${modules.filter(path => path.startsWith('packages/')).join('\n')}\n`
}

/** The reviewed list of these modules. */
export const reviewedPath = resolvePath('worker-modules.txt')

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(reviewedPath, workerModules())
