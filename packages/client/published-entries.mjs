// The public entries of the library: those in its manifest that lead to bundles.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const toPath = path => fileURLToPath(new URL(path, import.meta.url))
const { exports, dependencies } = JSON.parse(readFileSync(toPath('package.json'), 'utf8'))

/** The packages that are installed with the library. */
export const installed = Object.keys(dependencies)

// The other entries are for our own packages, and are not packed.
const published = Object.values(exports).filter(({ default: bundle }) => bundle?.startsWith('./dist/published/'))

/** The source files of the bundles. */
export const publishedSources = published.map(entry => toPath(entry['claimlog-source']))
/** The published type files of the bundles. */
export const publishedTypes = published.map(entry => toPath(entry.types))
