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
import type { RemovedEdit } from './agent.ts'
import {
  type JsonTextObject,
  formatJson,
  type JsonValue,
  addMember,
  removeMember,
  removeOnlyMember,
  replaceNode,
} from './json-text.ts'

/** The path of a value in a document: keys and indices from the root. */
export type JsonPath = ReadonlyArray<string | number>

/** The edited text. Left: a message about the mistake in the text. */
type EditResult = E.Either<string, string>

/**
 * Sets `fields` in the object at `path`, which is created if it is missing. Everything else, and fields
 * that already have the value, stay the same to the byte. `text` may be empty and may have comments and trailing
 * commas; undefined: there is no file.
 */
export const setFields = (text: string | undefined, path: JsonPath, fields: JsonTextObject): EditResult =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, nested(path, fields)))
    : pipe(locate(text, path), E.chain(setNodeFields(text, path, fields)))

const setNodeFields =
  (text: string, path: JsonPath, fields: JsonTextObject) =>
  ({ node, rest: [key, ...remainingKeys] }: NodeLocation): EditResult => {
    if (key !== undefined) return E.right(addMember(text, node, String(key), nested(remainingKeys, fields)))
    if (node.type !== 'object') return E.left(`${formatPath(path)} is not an object`)
    for (const [name, value] of Object.entries(fields)) {
      if (isDuplicate(node, name)) return E.left(`${formatPath([...path, name])} occurs twice`)
      const existing = findNodeAtLocation(node, [name])
      if (existing !== undefined && isDeepStrictEqual(getNodeValue(existing), value)) continue
      const changed = existing === undefined ? addMember(text, node, name, value) : replaceNode(text, existing, value)
      // Offsets after the change have moved, so the text is parsed again.
      return setFields(changed, path, fields)
    }
    return E.right(text)
  }

const isBlank = (text: string): boolean => text.trim() === ''

/** Finds the deepest existing node of `path` in a document that is not empty, and the rest of the path. */
const locate = (text: string, path: JsonPath): E.Either<string, NodeLocation> =>
  pipe(
    readRoot(text),
    E.chain(root => findDeepestNode(root, path)),
  )

/** Replaces the value at `path`; changes nothing if there is none. */
export const replaceValue = (text: string, path: JsonPath, value: JsonValue): EditResult =>
  pipe(
    locate(text, path),
    E.map(({ node, rest }) => (rest.length === 0 ? replaceNode(text, node, value) : text)),
  )

/**
 * Appends an element to the list at `path`, which is created if it is missing. A new document also gets the fields of
 * `extraFields`, after the list.
 */
export const appendElement = (
  text: string | undefined,
  path: JsonPath,
  element: JsonValue,
  extraFields: JsonTextObject = {},
): EditResult =>
  text === undefined || isBlank(text)
    ? E.right(newDocument(text, { ...(nested(path, [element]) as JsonTextObject), ...extraFields }))
    : pipe(locate(text, path), E.chain(appendNodeElement(text, path, element)))

const appendNodeElement =
  (text: string, path: JsonPath, element: JsonValue) =>
  ({ node, rest: [key, ...remainingKeys] }: NodeLocation): EditResult => {
    if (key !== undefined) return E.right(addMember(text, node, String(key), nested(remainingKeys, [element])))
    if (node.type !== 'array') return E.left(`${formatPath(path)} is not a list`)
    return E.right(addMember(text, node, undefined, element))
  }

/**
 * Removes the value at `path`, the objects and lists that were created for it, and, in a new document, the fields of
 * `extraFields`.
 */
export const removeValue = (
  text: string,
  path: JsonPath,
  extraFields: JsonTextObject = {},
): E.Either<string, RemovedEdit> =>
  isBlank(text) ? E.right(keepFile(text)) : pipe(readRoot(text), E.map(removeNode(text, path, extraFields)))

const removeNode =
  (text: string, path: JsonPath, extraFields: JsonTextObject) =>
  (root: Node): RemovedEdit => {
    const node = findNodeAtLocation(root, [...path])
    const member = node?.parent?.type === 'property' ? node.parent : node
    if (member?.parent === undefined) return keepFile(text)
    const { parent: container } = member
    const members = container.children ?? []
    if (container === root && isNewDocument(member, members, extraFields)) {
      const original = restoreOriginal(text, root)
      if (original !== undefined) return original
    }
    if (members.length > 1) return keepFile(removeMember(text, container, members.indexOf(member)))
    const rest = removeOnlyMember(text, container, member)
    if (rest !== undefined) return keepFile(rest)
    return container === root
      ? keepFile(`${text.slice(0, root.offset)}{}${text.slice(root.offset + root.length)}`)
      : removeNode(text, path.slice(0, -1), extraFields)(root)
  }

const keepFile = (text: string): RemovedEdit => ({ text, isCreatedBySetup: false })

/** True if setup may have created the document: `member` comes first, and only the fields of `extraFields` follow. */
const isNewDocument = (member: Node, members: ReadonlyArray<Node>, extraFields: JsonTextObject): boolean => {
  const [first, ...others] = members
  const rest = others.map(({ children }): ReadonlyArray<unknown> => [
    children?.[0]?.value,
    children?.[1] && getNodeValue(children[1]),
  ])
  return first === member && isDeepStrictEqual(rest, Object.entries(extraFields))
}

/**
 * Restores the file as it was before {@link newDocument} wrote `root`; undefined: it did not write it, or there is a
 * comment in it.
 */
const restoreOriginal = (text: string, { offset, length, children = [] }: Node): RemovedEdit | undefined => {
  const [first, last] = [children[0], children.at(-1)]
  if (first === undefined || last === undefined) return undefined
  const start = text.slice(0, offset)
  const opening = text.slice(offset + 1, first.offset)
  const closing = text.slice(last.offset + last.length, offset + length - 1)
  if ((start + opening + closing + text.slice(offset + length)).trim() !== '') return undefined
  // A document of the user has no white space after its first bracket.
  if (opening === '') return undefined
  if (blankLinePattern.test(closing)) return { text: '{}\n', isCreatedBySetup: true }
  return blankLinePattern.test(opening) ? { text: start, isCreatedBySetup: false } : undefined
}

const blankLinePattern = /\n[ \t]*\r?\n/

/** Reads the value at `path`; right and undefined: there is none. Left: a message about the mistake in the text. */
export const readValue = (text: string, path: JsonPath): E.Either<string, JsonValue | undefined> =>
  isBlank(text) ? E.right(undefined) : pipe(locate(text, path), E.map(locatedValue))

const locatedValue = ({ node, rest }: NodeLocation): JsonValue | undefined =>
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
    const message = printParseErrorCode(first.error)
      .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase()
    return E.left(`it is not JSON: ${message} in line ${before.length}, column ${column}`)
  }
  return root?.type === 'object' ? E.right(root) : E.left('it is not a JSON object')
}

/** The deepest existing node of a path, and the rest of the path. */
type NodeLocation = { readonly node: Node; readonly rest: JsonPath }

const findDeepestNode = (root: Node, path: JsonPath): E.Either<string, NodeLocation> => {
  let node = root
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'string' && node.type !== 'object')
      return E.left(`${formatPath(path.slice(0, depth))} is not an object`)
    if (typeof step === 'string' && isDuplicate(node, step))
      return E.left(`${formatPath(path.slice(0, depth + 1))} occurs twice`)
    const next = findNodeAtLocation(node, [step])
    if (next === undefined) return E.right({ node, rest: path.slice(depth) })
    node = next
  }
  return E.right({ node, rest: [] })
}

const isDuplicate = ({ children = [] }: Node, name: string): boolean =>
  children.filter(property => property.children?.[0]?.value === name).length > 1

const nested = (path: JsonPath, value: JsonValue): JsonValue =>
  path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value)

/**
 * Writes a document of `value` in place of `text`, which is white space; undefined: there is no file. A blank line
 * before the last bracket marks a file that setup created; one after the first bracket marks a file that was empty. A
 * comment is not possible in JSON, and agents reject unknown fields. A tool that reformats the file removes the blank
 * line, so that the file is kept if in doubt.
 */
const newDocument = (text: string | undefined, value: JsonValue): string => {
  const written = formatJson(value)
  return text === undefined ? `${written.slice(0, -1)}\n}\n` : `${text}{\n${written.slice(1)}\n`
}

const formatPath = (path: JsonPath): string => (path.length === 0 ? 'the document' : path.join('.'))
