import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { type JsonObject, jsonText, type JsonValue, withMember, withoutMember, withValue } from './json-text.ts'

/** Where something stands in a document: keys and indices, from the outside in. */
export type Path = ReadonlyArray<string | number>

/** What is wrong with a text; nothing is thrown. */
type Edited = E.Either<string, string>

/**
 * `text` with the fields of `wanted` in the object at `path`, which is made where it is missing. What agrees with them
 * stays as it is, to the byte, and so does all else. `text` may be empty, and may have comments and trailing commas.
 */
export const putFields = (text: string, path: Path, wanted: JsonObject): Edited => {
  if (text.trim() === '') return E.right(text + newDocument(path, wanted))
  const place = placeIn(text, path)
  if (E.isLeft(place)) return place
  const { node, rest } = place.right
  const [key, ...further] = rest
  if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, wanted)))
  if (node.type !== 'object') return E.left(`${shownPath(path)} is no object`)
  for (const [name, value] of Object.entries(wanted)) {
    const there = findNodeAtLocation(node, [name])
    if (there !== undefined && isDeepStrictEqual(getNodeValue(there), value)) continue
    const changed = there === undefined ? withMember(text, node, name, value) : withValue(text, there, value)
    // What stood behind the change has moved.
    return putFields(changed, path, wanted)
  }
  return E.right(text)
}

/** The deepest node on the way to `path` in a document that is not empty, and what of the path it does not have. */
const placeIn = (text: string, path: Path): ReturnType<typeof deepest> => {
  const read = readRoot(text)
  return E.isLeft(read) ? read : deepest(read.right, path)
}

/** `text` with one more element at the end of the list at `path`, which is made where it is missing. */
export const appendTo = (text: string, path: Path, element: JsonValue): Edited => {
  if (text.trim() === '') return E.right(text + newDocument(path, [element]))
  const place = placeIn(text, path)
  if (E.isLeft(place)) return place
  const { node, rest } = place.right
  const [key, ...further] = rest
  if (key !== undefined) return E.right(withMember(text, node, String(key), nested(further, [element])))
  if (node.type !== 'array') return E.left(`${shownPath(path)} is no list`)
  return E.right(withMember(text, node, undefined, element))
}

/** `text` without what stands at `path`, and without the objects and lists around it that nothing else is in. */
export const removeAt = (text: string, path: Path): Edited => {
  if (text.trim() === '') return E.right(text)
  const read = readRoot(text)
  if (E.isLeft(read)) return read
  const node = findNodeAtLocation(read.right, [...path])
  if (node === undefined) return E.right(text)
  const member = node.parent?.type === 'property' ? node.parent : node
  const container = member.parent
  if (container === undefined) return E.right(text)
  const left = withoutMember(text, container, container.children?.indexOf(member) ?? -1)
  const outer = path.slice(0, -1)
  const { offset } = container
  if (!/^(?:\{\}|\[\])/.test(left.slice(offset, offset + 2))) return E.right(left)
  return outer.length > 0 ? removeAt(left, outer) : E.right(left.trim() === '{}' ? '' : left)
}

/** The value at `path`; right and undefined: there is none. Left: what is wrong with the text. */
export const valueAt = (text: string, path: Path): E.Either<string, JsonValue | undefined> => {
  if (text.trim() === '') return E.right(undefined)
  const place = placeIn(text, path)
  if (E.isLeft(place)) return place
  const { node, rest } = place.right
  return E.right(rest.length === 0 ? (getNodeValue(node) as JsonValue) : undefined)
}

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

/** The node that is as far along `path` as there are any, and the rest of the path. */
const deepest = (root: Node, path: Path): E.Either<string, { readonly node: Node; readonly rest: Path }> => {
  let node = root
  for (const [depth, step] of path.entries()) {
    if (typeof step === 'string' && node.type !== 'object')
      return E.left(`${shownPath(path.slice(0, depth))} is no object`)
    const named = (node.children ?? []).filter(({ children }) => children?.[0]?.value === step)
    if (typeof step === 'string' && named.length > 1)
      return E.left(`${shownPath(path.slice(0, depth + 1))} is given twice`)
    const next = findNodeAtLocation(node, [step])
    if (next === undefined) return E.right({ node, rest: path.slice(depth) })
    node = next
  }
  return E.right({ node, rest: [] })
}

const nested = (path: Path, value: JsonValue): JsonValue =>
  path.reduceRight<JsonValue>((inner, key) => ({ [key]: inner }), value)

const newDocument = (path: Path, value: JsonValue): string => `${jsonText(nested(path, value))}\n`

const shownPath = (path: Path): string => (path.length === 0 ? 'the document' : path.join('.'))
