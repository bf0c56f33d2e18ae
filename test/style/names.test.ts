import { basename } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { formatLocation, iterateNodes, listSources } from './source-files.ts'
import { deniedNames, deniedNameWords } from './words.ts'

const prepositions = new Set(
  `about above after against among around at before below beneath beside between beyond by down for from in into of off
  on onto out over per since through to under until up upon with within without`.split(/\s+/),
)

/** Points in time and agents, as in fields of events and documents: `claimedAt`, `leaseUntil`, `retriedBy`. */
const fieldName =
  /^(\w*(ed|en|Set)|retry|waits|next|expires|lease|due|ready|takenOver|last\w*|next\w*)(At|Until|Since|By|In|For)$/
/** Idioms, fields of documents, and names of other formats. */
const idioms = new Set(
  'notBefore retryIn waitFor waitUntil spyOn catchUp isCaughtUp timedOut wakeUp warmUp anyOf dependsOn'.split(' '),
)

/** Splits a name into words: `retryAt`, `max_attempts`, `group-commit`. */
const splitWords = (name: string): ReadonlyArray<string> =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[ _\-.]+/)
    .map(word => word.toLowerCase())

type Declaration = ts.NamedDeclaration & { readonly name: ts.Identifier }

const isDeclaration = (node: ts.Node): node is Declaration => {
  const { name } = node as ts.NamedDeclaration
  return (
    name !== undefined &&
    ts.isIdentifier(name) &&
    (ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isPropertySignature(node) ||
      ts.isMethodSignature(node))
  )
}

/** True for names of our own: fields of JSON documents have underscores, unused parameters begin with one. */
const isOwnName = ({ name: { text } }: Declaration): boolean => !text.includes('_')

const sources = ['.ci', 'examples', 'packages', 'scripts', 'test'].flatMap(listSources)
const declarations = sources.flatMap(path => [...iterateNodes(path)].filter(isDeclaration))
const names = declarations.filter(isOwnName)
const describeName = (declaration: Declaration): string => `${formatLocation(declaration)} ${declaration.name.text}`

describe('a name', () => {
  it('does not end in a preposition', () => {
    const found = names.filter(({ name: { text } }) => {
      const words = splitWords(text)
      return words.length > 1 && prepositions.has(words.at(-1) ?? '') && !fieldName.test(text) && !idioms.has(text)
    })
    expect(found.map(describeName)).toEqual([])
  })

  it('has its bound at the end: `lineBytesMax`', () => {
    const bound = /^(most|longest|largest|least|few|fewest|shortest|smallest|max|min)[A-Z]/
    const constants = names.filter(
      node => ts.isVariableDeclaration(node) && node.parent.parent.parent === node.getSourceFile(),
    )
    expect(constants.filter(({ name }) => bound.test(name.text)).map(describeName)).toEqual([])
  })

  it('has no word that the glossary replaces', () => {
    const found = names.filter(
      ({ name: { text } }) => deniedNames.has(text) || splitWords(text).some(word => deniedNameWords.has(word)),
    )
    expect(found.map(describeName)).toEqual([])
  })
})

describe('a type', () => {
  it('has a name that no other type of the repository has', () => {
    const locations = new Map<string, Array<string>>()
    // Its types replace the internal ones in the library.
    const isPublic = (node: Declaration): boolean => node.getSourceFile().fileName.endsWith('client/src/typed-tasks.ts')
    const types = declarations.filter(node => ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node))
    for (const node of types.filter(node => !isPublic(node)))
      locations.set(node.name.text, [...(locations.get(node.name.text) ?? []), formatLocation(node)])
    const repeated = [...locations].filter(([, found]) => found.length > 1)
    expect(repeated.map(([name, found]) => `${name}: ${found.join(' ')}`)).toEqual([])
  })
})

describe('a file', () => {
  /** Events are named by what happened. */
  const files = sources.filter(path => !path.startsWith('packages/domain/src/events/'))
  const splitFileName = (path: string) => splitWords(basename(path).replace(/(\.test)?(\.d)?\.(ts|mjs|cjs)$/, ''))

  it('is named by a noun or a verb, not by a participle', () => {
    const nouns = new Set(['troubleshooting', 'finding'])
    const participle = /^\w{3,}(ing|ed)$/
    const found = files.filter(path => {
      const [word = '', ...others] = splitFileName(path)
      return others.length === 0 && participle.test(word) && !nouns.has(word)
    })
    expect(found).toEqual([])
  })

  it('has a name that does not end in a preposition', () => {
    const found = files.filter(path => prepositions.has(splitFileName(path).at(-1) ?? ''))
    expect(found.filter(path => !/\/(wake-up|wait-until)(\.test)?\.ts$/.test(path))).toEqual([])
  })

  it('has no word in its name that the glossary replaces', () => {
    expect(files.filter(path => splitFileName(path).some(word => deniedNameWords.has(word)))).toEqual([])
  })
})
