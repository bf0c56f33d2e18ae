// Writes the generated pages of docs/reference, or with an argument into that folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderPages } from './pages.mjs'

const [folder = fileURLToPath(new URL('../../../docs/reference', import.meta.url))] = process.argv.slice(2)
for (const [path, text] of await renderPages()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
