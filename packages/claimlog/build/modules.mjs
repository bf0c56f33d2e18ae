// Records the modules that each bundle contains, for the tests of the build.
import { writeFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Writes the contents of the outputs of `builds` to `path`: `{"worker.cjs": {"bytes": 1, "modules": ["…"]}}`. */
export const writeModules = (builds, path) => {
  const outputs = builds.flatMap(({ metafile }) => Object.entries(metafile.outputs))
  const bundles = outputs.filter(([name]) => !name.endsWith('.map'))
  const entries = bundles.map(([name, { bytes, inputs }]) => [basename(name), { bytes, modules: listModules(inputs) }])
  writeFileSync(path, JSON.stringify(Object.fromEntries(entries), null, 2))
}

/** The modules that contribute bytes to the output, as paths from the root. */
const listModules = inputs =>
  Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => (path.includes(':') || path.startsWith('<') ? path : relative(root, resolve(path))))
    .sort()
