// npm run faults -- [--seconds N] [--seed N] [--seeds N] [--json]   workers on one log in PostgreSQL, and faults
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../../..', import.meta.url))
// Below `node_modules`, so that the client library and the servers of npm are found from there.
const dir = join(root, 'test/node_modules/.cache', `claimlog-faults-${process.pid}`)
mkdirSync(dir, { recursive: true })
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))

await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile: join(dir, 'faults.mjs'),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  conditions: ['claimlog-source'],
  external: ['pg', 'esbuild'],
  // The lock of files is not used here.
  loader: { '.node': 'empty' },
  logLevel: 'warning',
})
const { main } = await import(pathToFileURL(join(dir, 'faults.mjs')).href)
process.exitCode = await main(root, process.argv.slice(2))
