// Publishes the types of the bundles: copies the type files of our packages that the entries use, so that no type
// refers to a package that is not installed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const packages = fileURLToPath(new URL('..', import.meta.url))
const readManifest = name => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))

/** Resolves `specifier` in `file` to a type file; undefined if it is a third-party package. */
const resolveTypeFile = (specifier, file) => {
  if (specifier.startsWith('.')) return join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts'))
  const [, name, entry] = specifier.match(/^@claimlog\/([^/]+)(\/.+)?$/) ?? []
  return name && join(packages, name, readManifest(name).exports[`.${entry ?? ''}`].types)
}

/** The path of the copy of `file` in `target`, which has a folder per package, without its `dist`. */
const copyPath = (file, target) => join(target, relative(packages, file).replace(`${sep}dist${sep}`, sep))

const copySpecifier = (file, from, target) => {
  const path = relative(dirname(copyPath(from, target)), copyPath(file, target)).replaceAll(sep, '/')
  return `${path.startsWith('.') ? '' : './'}${path.replace(/\.d\.ts$/, '.js')}`
}

/**
 * Copies `entries` (type files) and the type files that they import to `target`. They may import the packages
 * `installed`.
 */
export const publishTypes = ({ entries, target, installed }) => {
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
        text = text.slice(0, begin) + copySpecifier(typeFile, file, target) + text.slice(end)
      } else if (!installed.some(name => fileName === name || fileName.startsWith(`${name}/`)))
        throw new Error(`the types in ${file} import ${fileName}, which is not installed with the library`)
    }
    mkdirSync(dirname(copyPath(file, target)), { recursive: true })
    writeFileSync(copyPath(file, target), text)
  }
  entries.forEach(copy)
}
