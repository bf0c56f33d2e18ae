import type { Node } from 'jsonc-parser'
import { detectLineEnd } from './managed-block.ts'

/** A JSON value. */
export type JsonValue = string | number | boolean | null | ReadonlyArray<JsonValue> | JsonTextObject
export type JsonTextObject = { readonly [key: string]: JsonValue }

/**
 * Adds a member after the last one of `container`: a property with `key`, or an element of an array.
 *
 * If `container` was empty, there is no white space between a bracket and the new member on one side at least; a
 * container that setup creates has white space on both sides. {@link removeOnlyMember} uses this to distinguish them.
 */
export const addMember = (text: string, container: Node, key: string | undefined, value: JsonValue): string => {
  const { offset, length, children = [] } = container
  const closing = offset + length - 1
  const eol = detectLineEnd(text)
  const unit = detectIndent(text)
  const last = children.at(-1)
  const written = (indent: string): string =>
    (key === undefined ? '' : `${JSON.stringify(key)}: `) + formatJson(value, indent, unit, eol)
  if (last === undefined) {
    const inner = text.slice(offset + 1, closing)
    const member = written(lineIndent(text, offset))
    const filled = inner.trim() === '' ? member + inner : inner + member
    return text.slice(0, offset + 1) + filled + text.slice(closing)
  }
  const end = last.offset + last.length
  const comma = findComma(text, end, closing)
  const trailing = comma === undefined ? '' : ','
  const before = text.slice(0, end) + (comma === undefined ? ',' : '')
  const after = comma === undefined ? end : comma + 1
  if (!text.slice(offset, closing).includes('\n')) {
    const inline = (key === undefined ? '' : `${JSON.stringify(key)}: `) + formatInline(value)
    return `${before}${text.slice(end, after)} ${inline}${trailing}${text.slice(after)}`
  }
  const insertPosition = findCommentsEnd(text, after, closing)
  const first = children[0] ?? last
  const indent = isFirstOnLine(text, first.offset) ? lineIndent(text, first.offset) : lineIndent(text, offset) + unit
  return `${before}${text.slice(end, insertPosition)}${eol}${indent}${written(indent)}${trailing}${text.slice(insertPosition)}`
}

/** Removes one of several members of `container`, with its comma. */
export const removeMember = (text: string, container: Node, index: number): string => {
  const { offset, length, children = [] } = container
  const closing = offset + length - 1
  const member = children[index]
  if (member === undefined) return text
  const start = text.slice(0, member.offset).trimEnd().length
  const end = member.offset + member.length
  const comma = findComma(text, end, closing)
  const after = comma === undefined ? end : comma + 1
  const lineComments = findCommentsEnd(text, after, closing)
  const cutEnd = /^\r?\n/.test(text.slice(lineComments, lineComments + 2)) ? lineComments : after
  const previous = children[index - 1]
  if (comma !== undefined || previous === undefined) return text.slice(0, start) + text.slice(cutEnd)
  const previousComma = findComma(text, previous.offset + previous.length, closing) ?? start
  return text.slice(0, previousComma) + text.slice(previousComma + 1, start) + text.slice(cutEnd)
}

/**
 * Removes the only member of `container` and keeps comments; undefined: nothing else is in `container`, and it was
 * created for that member.
 */
export const removeOnlyMember = (text: string, container: Node, member: Node): string | undefined => {
  const open = container.offset + 1
  const closing = container.offset + container.length - 1
  const end = member.offset + member.length
  const comma = findComma(text, end, closing)
  const before = text.slice(open, member.offset)
  const after = text.slice(comma === undefined ? end : comma + 1, closing)
  if (before !== '' && after !== '' && (before + after).trim() === '') return undefined
  const rest = before === '' || after === '' ? before + after : before.trimEnd() + after
  return text.slice(0, open) + rest + text.slice(closing)
}

/** Replaces the value of a node. */
export const replaceNode = (text: string, { offset, length }: Node, value: JsonValue): string =>
  text.slice(0, offset) +
  formatJson(value, lineIndent(text, offset), detectIndent(text), detectLineEnd(text)) +
  text.slice(offset + length)

/** Formats a value as people write it: lists of primitive values are on one line. */
export const formatJson = (value: JsonValue, indent = '', unit = '  ', eol = '\n'): string => {
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
      value.map(each => formatJson(each, inner, unit, eol)),
      ']',
    )
  }
  const properties = Object.entries(value)
  return block(
    '{',
    properties.map(([key, each]) => `${JSON.stringify(key)}: ${formatJson(each, inner, unit, eol)}`),
    '}',
  )
}

/** Formats a value on one line, with white space inside every bracket, as {@link addMember} requires. */
const formatInline = (value: JsonValue): string => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[ ${value.map(formatInline).join(', ')} ]`
  const properties = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${formatInline(each)}`)
  return `{ ${properties.join(', ')} }`
}

const isList = (value: JsonValue): value is ReadonlyArray<JsonValue> => Array.isArray(value)

/** White space and comments. */
const triviaPattern = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*/y

/** White space and comments up to the end of the line. */
const lineComments = /(?:[ \t]|\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*/y

const findComma = (text: string, start: number, closing: number): number | undefined => {
  triviaPattern.lastIndex = start
  triviaPattern.test(text)
  const position = triviaPattern.lastIndex
  return position < closing && text[position] === ',' ? position : undefined
}

/** The end of the comments that follow on the same line; `start` if there are none. */
const findCommentsEnd = (text: string, start: number, closing: number): number => {
  lineComments.lastIndex = start
  lineComments.test(text)
  const comments = text.slice(start, Math.min(lineComments.lastIndex, closing)).trimEnd()
  return start + comments.length
}

const lineStart = (text: string, position: number): number => text.lastIndexOf('\n', position - 1) + 1

const lineIndent = (text: string, position: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, position), position))?.[0] ?? ''

const isFirstOnLine = (text: string, position: number): boolean =>
  text.slice(lineStart(text, position), position).trim() === ''

/** The indent of one level, taken from the first indented line. */
const detectIndent = (text: string): string => /\n(\t| {1,8})\S/.exec(text)?.[1] ?? '  '
