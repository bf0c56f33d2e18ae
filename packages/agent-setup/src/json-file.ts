import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Removed } from './agent.ts'
import {
  type JsonObject,
  jsonText,
  type JsonValue,
  withMember,
  withoutMember,
  withoutOnlyMember,
  withValue,
} from './json-text.ts'

/** Where something stands in a document: keys and indices, from the outside in. */
export type Path = ReadonlyArray<string | number>

/** What is wrong with a text; nothing is thrown. */
type Edited = E.Either<string, string>

/**
 * `text` with the fields of `wanted` in the object at `path`, which is made where it is missing. What agrees with them
 * stays as it is, to the byte, and so does all else. `text` may be empty, and may have comments and trailing commas;
 * undefined: there is no file.
 */
export const putFields = (text: string | undefined, path: Path, wanted: JsonObject): Edited =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, nested(path, wanted)))
    : pipe(placeIn(text, path), E.chain(putFieldsAt(text, path, wanted)))

const putFieldsAt =
  (text: string, path: Path, wanted: JsonObject) =>
  ({ node, rest: [key, ...further] }: Place): Edited => {
    if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, wanted)))
    if (node.type !== 'object') return E.left(`${shownPath(path)} is no object`)
    for (const [name, value] of Object.entries(wanted)) {
      if (isGivenTwice(node, name)) return E.left(`${shownPath([...path, name])} is given twice`)
      const there = findNodeAtLocation(node, [name])
      if (there !== undefined && isDeepStrictEqual(getNodeValue(there), value)) continue
      const changed = there === undefined ? withMember(text, node, name, value) : withValue(text, there, value)
      // What stood behind the change has moved.
      return putFields(changed, path, wanted)
    }
    return E.right(text)
  }

const isBlank = (text: string): boolean => text.trim() === ''

/** The deepest node on the way to `path` in a document that is not empty, and what of the path it does not have. */
const placeIn = (text: string, path: Path): E.Either<string, Place> =>
  pipe(
    readRoot(text),
    E.chain(root => deepest(root, path)),
  )

/** `text` with another value in the place of what stands at `path`, and of nothing else. */
export const replaceAt = (text: string, path: Path, value: JsonValue): Edited =>
  pipe(
    placeIn(text, path),
    E.map(({ node, rest }) => (rest.length === 0 ? withValue(text, node, value) : text)),
  )

/**
 * `text` with one more element at the end of the list at `path`, which is made where it is missing. A new document has
 * the fields of `beside` as well, and last.
 */
export const appendTo = (text: string | undefined, path: Path, element: JsonValue, beside: JsonObject = {}): Edited =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, { ...(nested(path, [element]) as JsonObject), ...beside }))
    : pipe(placeIn(text, path), E.chain(appendAt(text, path, element)))

const appendAt =
  (text: string, path: Path, element: JsonValue) =>
  ({ node, rest: [key, ...further] }: Place): Edited => {
    if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, [element])))
    if (node.type !== 'array') return E.left(`${shownPath(path)} is no list`)
    return E.right(withMember(text, node, undefined, element))
  }

/**
 * `text` without what stands at `path`, without the objects and lists around it that were made for it, and without the
 * fields that a new document got `beside` it.
 */
export const removeAt = (text: string, path: Path, beside: JsonObject = {}): E.Either<string, Removed> =>
  isBlank(text) ? E.right(kept(text)) : pipe(readRoot(text), E.map(withoutValueAt(text, path, beside)))

const withoutValueAt =
  (text: string, path: Path, beside: JsonObject) =>
  (root: Node): Removed => {
    const node = findNodeAtLocation(root, [...path])
    const member = node?.parent?.type === 'property' ? node.parent : node
    if (member?.parent === undefined) return kept(text)
    const { parent: container } = member
    const members = container.children ?? []
    if (container === root && isMadeFor(member, members, beside)) {
      const left = withoutDocument(text, root)
      if (left !== undefined) return left
    }
    if (members.length > 1) return kept(withoutMember(text, container, members.indexOf(member)))
    const rest = withoutOnlyMember(text, container, member)
    if (rest !== undefined) return kept(rest)
    return container === root
      ? kept(`${text.slice(0, root.offset)}{}${text.slice(root.offset + root.length)}`)
      : withoutValueAt(text, path.slice(0, -1), beside)(root)
  }

const kept = (text: string): Removed => ({ text, isOwnFile: false })

/** Whether a document of these members could be a new one: with `member` first, and nothing but `beside` after it. */
const isMadeFor = (member: Node, members: ReadonlyArray<Node>, beside: JsonObject): boolean => {
  const [first, ...others] = members
  const rest = others.map(({ children }): ReadonlyArray<unknown> => [
    children?.[0]?.value,
    children?.[1] && getNodeValue(children[1]),
  ])
  return first === member && isDeepStrictEqual(rest, Object.entries(beside))
}

/**
 * The file as it was before {@link newDocument} wrote all that is in `root`; undefined: it did not, or somebody has
 * written a comment there.
 */
const withoutDocument = (text: string, { offset, length, children = [] }: Node): Removed | undefined => {
  const [first, last] = [children[0], children.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const start = text.slice(0, offset)
  const opening = text.slice(offset + 1, first.offset)
  const closing = text.slice(last.offset + last.length, offset + length - 1)
  if ((start + opening + closing + text.slice(offset + length)).trim() !== '') return undefined
  // What was there begins at the bracket itself.
  if (opening === '') return undefined
  if (isBlankLine.test(closing)) return { text: '{}\n', isOwnFile: true }
  return isBlankLine.test(opening) ? { text: start, isOwnFile: false } : undefined
}

const isBlankLine = /\n[ \t]*\r?\n/

/** The value at `path`; right and undefined: there is none. Left: what is wrong with the text. */
export const valueAt = (text: string, path: Path): E.Either<string, JsonValue | undefined> =>
  isBlank(text) ? E.right(undefined) : pipe(placeIn(text, path), E.map(valueOf))

const valueOf = ({ node, rest }: Place): JsonValue | undefined =>
  rest.length === 0 ? (getNodeValue(node) as JsonValue) : undefined

const readRoot = (text: string): E.Either<string, Node> => {
  const errors: Array<ParseError> = []
  let root: Node | undefined
  try {
    root = parseTree(text, errors, { allowTrailingComma: true })
  } catch (thrown) {
    // It is read by recursion.
    if (thrown instanceof RangeError) return E.left('it is nested too deep')
    throw thrown
  }
  const [first] = errors
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split('\n')
    const column = (before.at(-1)?.length ?? 0) + 1
    const what = printParseErrorCode(first.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase()
    return E.left(`it is not JSON: ${what} in line ${before.length}, column ${column}`)
  }
  return root?.type === 'object' ? E.right(root) : E.left('it holds no JSON object')
}

/** The node that is as far along a path as there are any, and the rest of the path. */
type Place = { readonly node: Node; readonly rest: Path }

const deepest = (root: Node, path: Path): E.Either<string, Place> => {
  let node = root
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'string' && node.type !== 'object')
      return E.left(`${shownPath(path.slice(0, depth))} is no object`)
    if (typeof step === 'string' && isGivenTwice(node, step))
      return E.left(`${shownPath(path.slice(0, depth + 1))} is given twice`)
    const next = findNodeAtLocation(node, [step])
    if (next === undefined) return E.right({ node, rest: path.slice(depth) })
    node = next
  }
  return E.right({ node, rest: [] })
}

const isGivenTwice = ({ children = [] }: Node, name: string): boolean =>
  children.filter(property => property.children?.[0]?.value === name).length > 1

const nested = (path: Path, value: JsonValue): JsonValue =>
  path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value)

/**
 * A document of `value` in the place of `text`, which is white space; undefined: of no file. A blank line before its last
 * bracket says that set-up made the file, and one after its first that the file was empty: there are no comments in JSON,
 * agents refuse fields that they do not know, and a tool that writes the file anew leaves no such line, so that in doubt
 * the file stays.
 */
const newDocument = (text: string | undefined, value: JsonValue): string => {
  const written = jsonText(value)
  return text === undefined ? `${written.slice(0, -1)}\n}\n` : `${text}{\n${written.slice(1)}\n`
}

const shownPath = (path: Path): string => (path.length === 0 ? 'the document' : path.join('.'))
