// How lmdb comes into a bundle: its own loader and its encoders take 17 ms to load, and the checkpoint needs neither.

/** The checkpoint stores text, so the encoder of objects that lmdb loads at its start is never asked. */
const noEncoder = 'export class Encoder {}'

/**
 * Where the native part lies, seen from `dist`: lmdb is in a package's own folder or in the one it shares, and what was
 * built for this system beside it, for one Node or for any. Anywhere else lmdb's own loader looks for it.
 */
const nativePart = `
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
const load = file => {
  const native = { exports: {} }
  process.dlopen(native, file)
  return native.exports
}
const forThisSystem = () => {
  const ending = process.platform === 'linux' ? '.glibc.node' : '.node'
  // Only in the first folder that has lmdb: what lies further off may be another version.
  const lmdb = ['../node_modules', '../..'].map(folder => join(__dirname, folder, 'lmdb')).find(existsSync)
  if (lmdb === undefined) return undefined
  const built = join(dirname(realpathSync(lmdb)), '@lmdb', 'lmdb-' + process.platform + '-' + process.arch)
  for (const node of ['node.abi' + process.versions.modules, 'node.napi'])
    try {
      return load(join(built, node + ending))
    } catch {}
}
const wherever = () => {
  const lmdb = createRequire(__filename).resolve('lmdb')
  return createRequire(lmdb)('node-gyp-build-optional-packages')(dirname(dirname(lmdb)))
}
export default () => forThisSystem() ?? wherever()`

const stand = { msgpackr: noEncoder, 'node-gyp-build-optional-packages': nativePart }

/** Puts what is above in the place of two modules that lmdb loads. */
export const lmdbBundled = {
  name: 'lmdb-bundled',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^(msgpackr|node-gyp-build-optional-packages)$/ }, ({ path }) => ({
      path,
      namespace: 'lmdb-bundled',
    }))
    onLoad({ filter: /.*/, namespace: 'lmdb-bundled' }, ({ path }) => ({ contents: stand[path] }))
  },
}

/** Modules ask where they lie, which in this format is said otherwise. */
export const whereItLies = {
  define: { 'import.meta.url': 'thisFile' },
  banner: { js: "const thisFile = require('node:url').pathToFileURL(__filename).href" },
}
