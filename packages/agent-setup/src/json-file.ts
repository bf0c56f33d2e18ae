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

/** The path of a value in a document: keys and indices from the root. */
export type Path = ReadonlyArray<string | number>

/** The edited text. Left: a message about the mistake in the text. */
type Edited = E.Either<string, string>

/**
 * Sets `wanted` in the object at `path`, which is created if it is missing. Everything else, and fields
 * that already have the value, stay the same to the byte. `text` may be empty and may have comments and trailing
 * commas; undefined: there is no file.
 */
export const putFields = (text: string | undefined, path: Path, wanted: JsonObject): Edited =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, nested(path, wanted)))
    : pipe(placeIn(text, path), E.chain(putFieldsAt(text, path, wanted)))

const putFieldsAt =
  (text: string, path: Path, wanted: JsonObject) =>
  ({ node, rest: [key, ...further] }: Place): Edited => {
    if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, wanted)))
    if (node.type !== 'object') return E.left(`${shownPath(path)} is not an object`)
    for (const [name, value] of Object.entries(wanted)) {
      if (isGivenTwice(node, name)) return E.left(`${shownPath([...path, name])} occurs twice`)
      const there = findNodeAtLocation(node, [name])
      if (there !== undefined && isDeepStrictEqual(getNodeValue(there), value)) continue
      const changed = there === undefined ? withMember(text, node, name, value) : withValue(text, there, value)
      // Offsets after the change have moved, so the text is parsed again.
      return putFields(changed, path, wanted)
    }
    return E.right(text)
  }

const isBlank = (text: string): boolean => text.trim() === ''

/** Finds the deepest existing node of `path` in a document that is not empty, and the rest of the path. */
const placeIn = (text: string, path: Path): E.Either<string, Place> =>
  pipe(
    readRoot(text),
    E.chain(root => deepest(root, path)),
  )

/** Replaces the value at `path`; changes nothing if there is none. */
export const replaceAt = (text: string, path: Path, value: JsonValue): Edited =>
  pipe(
    placeIn(text, path),
    E.map(({ node, rest }) => (rest.length === 0 ? withValue(text, node, value) : text)),
  )

/**
 * Appends an element to the list at `path`, which is created if it is missing. A new document also gets the fields of
 * `beside`, after the list.
 */
export const appendTo = (text: string | undefined, path: Path, element: JsonValue, beside: JsonObject = {}): Edited =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, { ...(nested(path, [element]) as JsonObject), ...beside }))
    : pipe(placeIn(text, path), E.chain(appendAt(text, path, element)))

const appendAt =
  (text: string, path: Path, element: JsonValue) =>
  ({ node, rest: [key, ...further] }: Place): Edited => {
    if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, [element])))
    if (node.type !== 'array') return E.left(`${shownPath(path)} is not a list`)
    return E.right(withMember(text, node, undefined, element))
  }

/**
 * Removes the value at `path`, the objects and lists that were created for it, and, in a new document, the fields of
 * `beside`.
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

/** True if setup may have created the document: `member` comes first, and only the fields of `beside` follow. */
const isMadeFor = (member: Node, members: ReadonlyArray<Node>, beside: JsonObject): boolean => {
  const [first, ...others] = members
  const rest = others.map(({ children }): ReadonlyArray<unknown> => [
    children?.[0]?.value,
    children?.[1] && getNodeValue(children[1]),
  ])
  return first === member && isDeepStrictEqual(rest, Object.entries(beside))
}

/**
 * Restores the file as it was before {@link newDocument} wrote `root`; undefined: it did not write it, or there is a
 * comment in it.
 */
const withoutDocument = (text: string, { offset, length, children = [] }: Node): Removed | undefined => {
  const [first, last] = [children[0], children.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const start = text.slice(0, offset)
  const opening = text.slice(offset + 1, first.offset)
  const closing = text.slice(last.offset + last.length, offset + length - 1)
  if ((start + opening + closing + text.slice(offset + length)).trim() !== '') return undefined
  // A document of the user has no white space after its first bracket.
  if (opening === '') return undefined
  if (isBlankLine.test(closing)) return { text: '{}\n', isOwnFile: true }
  return isBlankLine.test(opening) ? { text: start, isOwnFile: false } : undefined
}

const isBlankLine = /\n[ \t]*\r?\n/

/** Reads the value at `path`; right and undefined: there is none. Left: a message about the mistake in the text. */
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
    // The parser is recursive.
    if (thrown instanceof RangeError) return E.left('it is nested too deeply')
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
  return root?.type === 'object' ? E.right(root) : E.left('it is not a JSON object')
}

/** The deepest existing node of a path, and the rest of the path. */
type Place = { readonly node: Node; readonly rest: Path }

const deepest = (root: Node, path: Path): E.Either<string, Place> => {
  let node = root
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'string' && node.type !== 'object')
      return E.left(`${shownPath(path.slice(0, depth))} is not an object`)
    if (typeof step === 'string' && isGivenTwice(node, step))
      return E.left(`${shownPath(path.slice(0, depth + 1))} occurs twice`)
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
 * Writes a document of `value` in place of `text`, which is white space; undefined: there is no file. A blank line
 * before the last bracket marks a file that setup created; one after the first bracket marks a file that was empty. A
 * comment is not possible in JSON, and agents reject unknown fields. A tool that reformats the file removes the blank
 * line, so that the file is kept if in doubt.
 */
const newDocument = (text: string | undefined, value: JsonValue): string => {
  const written = jsonText(value)
  return text === undefined ? `${written.slice(0, -1)}\n}\n` : `${text}{\n${written.slice(1)}\n`
}

const shownPath = (path: Path): string => (path.length === 0 ? 'the document' : path.join('.'))
