// The types that go with the bundles: those of our packages that the entries lead to, copied together, so that they name
// nothing that is not installed with them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const packages = fileURLToPath(new URL('..', import.meta.url))
const manifestOf = name => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))

/** The file of types that `specifier` means in `file`; undefined: it is of another's package. */
const meant = (specifier, file) => {
  if (specifier.startsWith('.')) return join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts'))
  const [, name, entry] = specifier.match(/^@claimlog\/([^/]+)(\/.+)?$/) ?? []
  return name && join(packages, name, manifestOf(name).exports[`.${entry ?? ''}`].types)
}

/** Where the copy of `file` lies in `target`: each package has a folder there, without its `dist`. */
const copyOf = (file, target) => join(target, relative(packages, file).replace(`${sep}dist${sep}`, sep))

const specifierOfCopy = (file, from, target) => {
  const path = relative(dirname(copyOf(from, target)), copyOf(file, target)).replaceAll(sep, '/')
  return `${path.startsWith('.') ? '' : './'}${path.replace(/\.d\.ts$/, '.js')}`
}

/** Copies the types that `entries` (files of types) lead to into `target`. They may be of the packages `installed` besides. */
export const publishTypes = ({ entries, target, installed }) => {
  const copied = new Set()
  const copy = file => {
    if (copied.has(file)) return
    copied.add(file)
    // The sources that the map of a file leads to are not published.
    let text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/m, '')
    for (const { fileName, pos } of ts.preProcessFile(text, true, true).importedFiles.reverse()) {
      const lead = meant(fileName, file)
      if (lead !== undefined) {
        copy(lead)
        // It begins after its quotation mark.
        const [begin, end] = [pos + 1, pos + 1 + fileName.length]
        text = text.slice(0, begin) + specifierOfCopy(lead, file, target) + text.slice(end)
      } else if (!installed.some(name => fileName === name || fileName.startsWith(`${name}/`)))
        throw new Error(`the types in ${file} name ${fileName}, which is not installed with them`)
    }
    mkdirSync(dirname(copyOf(file, target)), { recursive: true })
    writeFileSync(copyOf(file, target), text)
  }
  entries.forEach(copy)
}
