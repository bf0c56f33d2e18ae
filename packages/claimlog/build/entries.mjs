import { toPath } from './paths.mjs'

/** The entries of the library: what a program imports, the name of its files in `dist`, and its source. */
export const entries = [
  { entry: '.', name: 'index', source: toPath('../client/src/index.ts') },
  { entry: './import', name: 'import', source: toPath('../client/src/import.ts') },
  { entry: './fp-ts', name: 'fp-ts', source: toPath('../client/src/fp-ts.ts') },
]
