import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a file of this package, or of a sibling in `../`. */
export const toPath = path => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The manifest of this package. */
export const manifest = JSON.parse(readFileSync(toPath('package.json'), 'utf8'))
