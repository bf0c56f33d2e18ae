// What people import of the library: the entries of its manifest that lead to bundles.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = path => fileURLToPath(new URL(path, import.meta.url))
const { exports, dependencies } = JSON.parse(readFileSync(here('package.json'), 'utf8'))

/** The packages that are installed with it. */
export const installed = Object.keys(dependencies)

// The others are for our own packages only, and are not in what is packed.
const published = Object.values(exports).filter(({ default: bundle }) => bundle?.startsWith('./dist/published/'))

/** The files that the bundles begin with. */
export const publishedSources = published.map(entry => here(entry['claimlog-source']))
/** The files of types that are published for them. */
export const publishedTypes = published.map(entry => here(entry.types))
