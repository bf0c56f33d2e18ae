// Makes dist/claimlog.cjs: the command line in one file, because loading many small modules takes longer than running them.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const { version } = JSON.parse(readFileSync(here('package.json'), 'utf8'))

await build({
  entryPoints: [here('src/main.ts')],
  outfile: here('dist/claimlog.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // A native module cannot be bundled.
  external: ['fs-ext'],
  conditions: ['source'],
  mainFields: ['module', 'main'],
  define: { CLAIMLOG_VERSION: JSON.stringify(version) },
  sourcemap: 'linked',
  logLevel: 'warning',
})
