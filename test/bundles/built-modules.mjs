// Writes the modules of worker.cjs anew into worker-modules.txt: node .ci/setup.mjs && node test/bundles/built-modules.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = path => fileURLToPath(new URL(path, import.meta.url))

/**
 * What the bundles of a package contain, as its build left it.
 *
 * @param {string} name the folder of the package
 * @returns {Record<string, { bytes: number, modules: ReadonlyArray<string> }>} by the name of the bundle
 */
export const bundlesOf = name => JSON.parse(readFileSync(here(`../../packages/${name}/dist/modules.json`), 'utf8'))

/** Our modules in the bundle of workers' commands, a line each. */
export const workerModules = () => {
  const { modules } = bundlesOf('cli')['worker.cjs']
  return `${modules.filter(path => path.startsWith('packages/')).join('\n')}\n`
}

/** The list of them that was reviewed. */
export const reviewedPath = here('worker-modules.txt')

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(reviewedPath, workerModules())
