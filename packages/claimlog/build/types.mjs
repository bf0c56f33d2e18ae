// Publishes the types of the bundles: copies the type files of our packages and of io-ts that the entries use, so that no
// type refers to a package that is not installed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import ts from 'typescript'
import { entries } from './entries.mjs'
import { toPath } from './paths.mjs'

const packages = toPath('..')
const target = toPath('dist/types')
const ioTs = dirname(createRequire(toPath('../wire/package.json')).resolve('io-ts/package.json'))

/** The types of fp-ts that ours refer to. Types are compared by structure, so a program's own fp-ts has the same ones. */
const fpTs = {
  Either: [
    "export interface Left<E> { readonly _tag: 'Left'; readonly left: E }",
    "export interface Right<A> { readonly _tag: 'Right'; readonly right: A }",
    'export type Either<E, A> = Left<E> | Right<A>',
  ],
  Task: ['export interface Task<A> { (): Promise<A> }'],
  TaskEither: [
    "import type { Either } from './Either.js'",
    'export interface TaskEither<E, A> { (): Promise<Either<E, A>> }',
  ],
  function: [
    'export type Predicate<A> = (a: A) => boolean',
    'export type Refinement<A, B extends A> = (a: A) => a is B',
  ],
}
const fpTsPath = name => join(target, 'fp-ts', `${name}.d.ts`)

const readManifest = name => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))

/** Resolves `specifier` in `file` to a type file; undefined if it belongs to Node. */
const resolveTypeFile = (specifier, file) => {
  if (specifier.startsWith('.')) return join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts'))
  if (specifier === 'io-ts') return join(ioTs, 'lib/index.d.ts')
  const [, fpTsName] = specifier.match(/^fp-ts\/lib\/(\w+)/) ?? []
  if (fpTsName in fpTs) return fpTsPath(fpTsName)
  const [, name, entry] = specifier.match(/^@claimlog\/([^/]+)(\/.+)?$/) ?? []
  return name && join(packages, name, readManifest(name).exports[`.${entry ?? ''}`].types)
}

/** The path of the copy of `file` in `target`, which has a folder per package, without its `dist`. */
const copyPath = file => {
  if (file.startsWith(target)) return file
  if (file.startsWith(ioTs)) return join(target, 'io-ts', relative(join(ioTs, 'lib'), file))
  return join(target, relative(packages, file).replace(`${sep}dist${sep}`, sep))
}

const copySpecifier = (file, from) => {
  const path = relative(dirname(copyPath(from)), copyPath(file)).replaceAll(sep, '/')
  return `${path.startsWith('.') ? '' : './'}${path.replace(/\.d\.ts$/, '.js')}`
}

/** The published types of an entry: those that the compiler wrote for its source. */
export const typePath = ({ source }) => copyPath(compiledTypes(source))
const compiledTypes = source => source.replace(/src\/([\w-]+)\.ts$/, 'dist/$1.d.ts')

/** Copies the type files of the entries, and the type files that they import, to `dist/types`. */
export const publishTypes = () => {
  mkdirSync(join(target, 'fp-ts'), { recursive: true })
  for (const [name, lines] of Object.entries(fpTs)) writeFileSync(fpTsPath(name), `${lines.join('\n')}\n`)
  const copied = new Set(Object.keys(fpTs).map(fpTsPath))
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
      } else if (!fileName.startsWith('node:'))
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
