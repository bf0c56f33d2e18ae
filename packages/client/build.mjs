// Builds the published files of the library: a bundle that contains our packages, and its types.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { writeModules } from '../../.ci/bundle-modules.mjs'
import { thirdPartyLicences } from '../../.ci/third-party.mjs'
import { installed, publishedSources } from './published-entries.mjs'
import { publishTypes } from './published-types.mjs'

const toPath = path => fileURLToPath(new URL(path, import.meta.url))

rmSync(toPath('dist/published'), { recursive: true, force: true })
const bundles = await build({
  entryPoints: {
    ...Object.fromEntries(publishedSources.map(path => [basename(path, '.ts'), path])),
    // A program that the library starts; it is never imported.
    'claimlog-refresher': toPath('src/refresher-main.ts'),
  },
  outdir: toPath('dist/published'),
  bundle: true,
  // Code that the entries share is bundled once, and the checkpoint is loaded on demand.
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['claimlog-source'],
  mainFields: ['module', 'main'],
  external: installed,
  metafile: true,
  logLevel: 'warning',
})
publishTypes({
  // As written by the compiler.
  entries: publishedSources.map(path => path.replace(/src\/([\w-]+)\.ts$/, 'dist/$1.d.ts')),
  target: toPath('dist/published/types'),
  installed: [...installed, 'node'],
})
writeFileSync(toPath('dist/published/THIRD-PARTY-LICENSES.txt'), thirdPartyLicences([bundles]))
writeModules([bundles], toPath('dist/modules.json'))
copyFileSync(toPath('../../LICENSE'), toPath('LICENSE'))
