// npm run soak -- [--seconds N] [--seed N] [--json]   eight workers, tasks of every kind, and disturbances
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const dir = mkdtempSync(join(tmpdir(), 'claimlog-soak-program-'))
const bundle = join(dir, 'soak.mjs')
// The exit handlers end all started processes.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))
process.on('exit', () => rmSync(dir, { recursive: true, force: true }))

await build({
  entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
  outfile: bundle,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  logLevel: 'warning',
})
const { main } = await import(pathToFileURL(bundle).href)
process.exitCode = await main(fileURLToPath(new URL('../..', import.meta.url)), process.argv.slice(2))
