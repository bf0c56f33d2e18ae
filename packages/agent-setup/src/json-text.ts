import type { Node } from 'jsonc-parser'
import { lineEndOf } from './marked-section.ts'

/** A JSON value. */
export type JsonValue = string | number | boolean | null | ReadonlyArray<JsonValue> | JsonObject
export type JsonObject = { readonly [key: string]: JsonValue }

/**
 * Adds a member after the last one of `container`: a property with `key`, or an element of an array.
 *
 * If `container` was empty, there is no white space between a bracket and the new member on one side at least; a
 * container that setup creates has white space on both sides. {@link withoutOnlyMember} uses this to distinguish them.
 */
export const withMember = (text: string, container: Node, key: string | undefined, value: JsonValue): string => {
  const { offset, length, children = [] } = container
  const closing = offset + length - 1
  const eol = lineEndOf(text)
  const unit = indentUnitOf(text)
  const last = children.at(-1)
  const written = (indent: string): string =>
    (key === undefined ? '' : `${JSON.stringify(key)}: `) + jsonText(value, indent, unit, eol)
  if (last === undefined) {
    const inner = text.slice(offset + 1, closing)
    const member = written(indentAt(text, offset))
    const filled = inner.trim() === '' ? member + inner : inner + member
    return text.slice(0, offset + 1) + filled + text.slice(closing)
  }
  const end = last.offset + last.length
  const comma = commaAfter(text, end, closing)
  const trailing = comma === undefined ? '' : ','
  const before = text.slice(0, end) + (comma === undefined ? ',' : '')
  const after = comma === undefined ? end : comma + 1
  if (!text.slice(offset, closing).includes('\n')) {
    const inline = (key === undefined ? '' : `${JSON.stringify(key)}: `) + inlineText(value)
    return `${before}${text.slice(end, after)} ${inline}${trailing}${text.slice(after)}`
  }
  const place = endOfRemarks(text, after, closing)
  const first = children[0] ?? last
  const indent = startsItsLine(text, first.offset) ? indentAt(text, first.offset) : indentAt(text, offset) + unit
  return `${before}${text.slice(end, place)}${eol}${indent}${written(indent)}${trailing}${text.slice(place)}`
}

/** Removes one of several members of `container`, with its comma. */
export const withoutMember = (text: string, container: Node, index: number): string => {
  const { offset, length, children = [] } = container
  const closing = offset + length - 1
  const member = children[index]
  if (member === undefined) return text
  const from = text.slice(0, member.offset).trimEnd().length
  const end = member.offset + member.length
  const comma = commaAfter(text, end, closing)
  const after = comma === undefined ? end : comma + 1
  const remarks = endOfRemarks(text, after, closing)
  const to = /^\r?\n/.test(text.slice(remarks, remarks + 2)) ? remarks : after
  const previous = children[index - 1]
  if (comma !== undefined || previous === undefined) return text.slice(0, from) + text.slice(to)
  const itsComma = commaAfter(text, previous.offset + previous.length, closing) ?? from
  return text.slice(0, itsComma) + text.slice(itsComma + 1, from) + text.slice(to)
}

/**
 * Removes the only member of `container` and keeps comments; undefined: nothing else is in `container`, and it was
 * created for that member.
 */
export const withoutOnlyMember = (text: string, container: Node, member: Node): string | undefined => {
  const open = container.offset + 1
  const closing = container.offset + container.length - 1
  const end = member.offset + member.length
  const comma = commaAfter(text, end, closing)
  const before = text.slice(open, member.offset)
  const after = text.slice(comma === undefined ? end : comma + 1, closing)
  if (before !== '' && after !== '' && (before + after).trim() === '') return undefined
  const rest = before === '' || after === '' ? before + after : before.trimEnd() + after
  return text.slice(0, open) + rest + text.slice(closing)
}

/** Replaces the value of a node. */
export const withValue = (text: string, { offset, length }: Node, value: JsonValue): string =>
  text.slice(0, offset) +
  jsonText(value, indentAt(text, offset), indentUnitOf(text), lineEndOf(text)) +
  text.slice(offset + length)

/** Formats a value as people write it: lists of primitive values are on one line. */
export const jsonText = (value: JsonValue, indent = '', unit = '  ', eol = '\n'): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = indent + unit
  const block = (open: string, members: ReadonlyArray<string>, close: string): string =>
    members.length === 0
      ? open + close
      : `${open}${eol}${members.map(member => inner + member).join(`,${eol}`)}${eol}${indent}${close}`
  if (isList(value)) {
    if (value.every(each => typeof each !== 'object')) return `[${value.map(each => JSON.stringify(each)).join(', ')}]`
    return block(
      '[',
      value.map(each => jsonText(each, inner, unit, eol)),
      ']',
    )
  }
  const properties = Object.entries(value)
  return block(
    '{',
    properties.map(([key, each]) => `${JSON.stringify(key)}: ${jsonText(each, inner, unit, eol)}`),
    '}',
  )
}

/** Formats a value on one line, with white space inside every bracket, as {@link withMember} requires. */
const inlineText = (value: JsonValue): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[ ${value.map(inlineText).join(', ')} ]`
  const properties = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inlineText(each)}`)
  return `{ ${properties.join(', ')} }`
}

const isList = (value: JsonValue): value is ReadonlyArray<JsonValue> => Array.isArray(value)

/** White space and comments. */
const skipped = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y

/** White space and comments up to the end of the line. */
const remarks = /(?:[ \t]|\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*/y

const commaAfter = (text: string, from: number, closing: number): number | undefined => {
  skipped.lastIndex = from
  skipped.test(text)
  const at = skipped.lastIndex
  return at < closing && text[at] === ',' ? at : undefined
}

/** The end of the comments that follow on the same line; `from` if there are none. */
const endOfRemarks = (text: string, from: number, closing: number): number => {
  remarks.lastIndex = from
  remarks.test(text)
  const said = text.slice(from, Math.min(remarks.lastIndex, closing)).trimEnd()
  return from + said.length
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

const indentAt = (text: string, at: number): string => /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? ''

const startsItsLine = (text: string, at: number): boolean => text.slice(lineStart(text, at), at).trim() === ''

/** The indent of one level, taken from the first indented line. */
const indentUnitOf = (text: string): string => /\n(\t| {1,8})\S/.exec(text)?.[1] ?? '  '
