import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { bundleExports, sharedPlugins } from './bundle.mjs'
import { entries } from './entries.mjs'
import { coldModules, lateColdModules } from './late-modules.mjs'
import { toPath } from './paths.mjs'

/** A CommonJS module has no `import.meta.url`; nor has it a file name if another bundler makes an ES module of it. */
const moduleUrl =
  "const moduleUrl = typeof __filename === 'undefined' ? undefined : require('node:url').pathToFileURL(__filename).href"

/** The name under which the bundle exports the names of an entry. */
const toNamespace = name => `${name.replace('-', '_')}_entry`

/** Files that have the exports of one entry and no code, so that a program that mixes `import` and `require` has the code once. */
const writeEntry = ({ name }, exported) => {
  const from = `require('./library.cjs').${toNamespace(name)}`
  const forRequire = exported.map(each => `exports.${each} = entry.${each}`)
  writeFileSync(toPath(`dist/${name}.cjs`), `'use strict'\nconst entry = ${from}\n${forRequire.join('\n')}\n`)
  const forImport = `import library from './library.cjs'\nexport const { ${exported.join(', ')} } = library.${toNamespace(name)}\n`
  writeFileSync(toPath(`dist/${name}.mjs`), forImport)
}

/** Builds the library: one CommonJS bundle, and two small files for each of its entries. */
export const buildLibrary = async () => {
  const exporting = entries.map(({ name, source }) => `export * as ${toNamespace(name)} from ${JSON.stringify(source)}`)
  const library = await bundleExports('library', exporting, '../client', {
    plugins: [lateColdModules(coldModules), ...sharedPlugins],
    // Readable in the stack traces of a user's program.
    minifySyntax: false,
    minifyWhitespace: false,
    banner: { js: `'use strict'\n${moduleUrl}` },
    define: { 'import.meta.url': 'moduleUrl' },
  })
  const loaded = createRequire(import.meta.url)(toPath('dist/library.cjs'))
  for (const entry of entries) writeEntry(entry, Object.keys(loaded[toNamespace(entry.name)]))
  return library
}
