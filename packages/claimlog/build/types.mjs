// Publishes the types of the bundles: copies the type files of our packages that the entries use, so that no type
// refers to a package that is not installed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { entries } from './entries.mjs'
import { manifest, toPath } from './paths.mjs'

const packages = toPath('..')
const target = toPath('dist/types')
const installed = [...Object.keys(manifest.dependencies), 'node']

const readManifest = name => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))

/** Resolves `specifier` in `file` to a type file; undefined if it is a third-party package. */
const resolveTypeFile = (specifier, file) => {
  if (specifier.startsWith('.')) return join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts'))
  const [, name, entry] = specifier.match(/^@claimlog\/([^/]+)(\/.+)?$/) ?? []
  return name && join(packages, name, readManifest(name).exports[`.${entry ?? ''}`].types)
}

/** The path of the copy of `file` in `target`, which has a folder per package, without its `dist`. */
const copyPath = file => join(target, relative(packages, file).replace(`${sep}dist${sep}`, sep))

const copySpecifier = (file, from) => {
  const path = relative(dirname(copyPath(from)), copyPath(file)).replaceAll(sep, '/')
  return `${path.startsWith('.') ? '' : './'}${path.replace(/\.d\.ts$/, '.js')}`
}

/** The published types of an entry: those that the compiler wrote for its source. */
export const typePath = ({ source }) => copyPath(compiledTypes(source))
const compiledTypes = source => source.replace(/src\/([\w-]+)\.ts$/, 'dist/$1.d.ts')

/**
 * Copies the type files of the entries, and the type files that they import, to `dist/types`. They may import the
 * packages that are installed with this one.
 */
export const publishTypes = () => {
  const copied = new Set()
  const copy = file => {
    if (copied.has(file)) return
    copied.add(file)
    // The sources in the source map of a file are not published.
    let text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
    for (const { fileName, pos } of ts.preProcessFile(text, true, true).importedFiles.reverse()) {
      const typeFile = resolveTypeFile(fileName, file)
      if (typeFile !== undefined) {
        copy(typeFile)
        // `pos` is the position of the quotation mark.
        const [begin, end] = [pos + 1, pos + 1 + fileName.length]
        text = text.slice(0, begin) + copySpecifier(typeFile, file) + text.slice(end)
      } else if (!installed.some(name => fileName === name || fileName.startsWith(`${name}/`)))
        throw new Error(`the types in ${file} import ${fileName}, which is not installed with the library`)
    }
    mkdirSync(dirname(copyPath(file)), { recursive: true })
    writeFileSync(copyPath(file), text)
  }
  for (const entry of entries) {
    copy(compiledTypes(entry.source))
    const path = relative(toPath('dist'), typePath(entry)).replace(/\.d\.ts$/, '.js')
    // The types of both module systems are the same: those of the code, which is CommonJS.
    writeFileSync(toPath(`dist/${entry.name}.d.mts`), `export * from './${path}'\n`)
    writeFileSync(toPath(`dist/${entry.name}.d.cts`), `export * from './${path}'\n`)
  }
}
