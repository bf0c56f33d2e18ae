import * as E from 'fp-ts/lib/Either.js'
import { visit } from 'jsonc-parser'
import { type Json, jsonDepthMax } from '@claimlog/codecs'
import { explainTooManyValues } from './json-value-limit.ts'

/**
 * Parses external JSON, and refuses with a message what `JSON.parse` would accept and silently change: a duplicate
 * field, an integer that loses digits, a number out of range; also nesting deeper than a payload may have.
 */
export const parseJson = (text: string): E.Either<string, Json> => {
  const tooMany = explainTooManyValues(text)
  if (tooMany !== undefined) return E.left(tooMany)
  let value: Json
  try {
    value = JSON.parse(text) as Json
  } catch (thrown) {
    return E.left(`is not JSON: ${(thrown as Error).message}`)
  }
  try {
    assertLossless(text)
    return E.right(value)
  } catch (thrown) {
    if (thrown instanceof LossError) return E.left(thrown.message)
    throw thrown
  }
}

/** A file contains payloads a few levels down; their own depth is limited by their codec. */
const depthMax = jsonDepthMax + 5

/** Stops the visitor at the first value that would lose data, before it recurses any deeper. */
class LossError extends Error {}

/** Throws {@link LossError} if parsing `text`, which is valid JSON, would lose data. */
const assertLossless = (text: string): void => {
  /** The keys seen in each open object; empty for an open array. */
  const openKeys: Array<Set<string>> = []
  const enter = (): void => {
    if (openKeys.push(new Set()) > depthMax) throw new LossError(`is nested more than ${depthMax} levels deep`)
  }
  const leave = (): void => void openKeys.pop()
  visit(text, {
    onObjectBegin: enter,
    onArrayBegin: enter,
    onObjectEnd: leave,
    onArrayEnd: leave,
    onObjectProperty: key => {
      const keys = openKeys.at(-1)
      if (keys?.has(key) === true) throw new LossError(`has the field ${JSON.stringify(key)} twice`)
      keys?.add(key)
    },
    onLiteralValue: (value: unknown, offset, length) => {
      if (typeof value !== 'number') return
      const digits = text.slice(offset, offset + length)
      if (!isExact(digits))
        throw new LossError(`contains the number ${truncate(digits)}, which would be changed; write it as a string`)
    },
  })
}

/**
 * True if a number is represented as written: an integer to the last digit; a fraction as the nearest double, which is
 * what its writer had.
 */
const isExact = (digits: string): boolean => {
  const value = Number(digits)
  if (Number.isInteger(value)) return decimal(digits) === decimal(String(value))
  return Number.isFinite(value)
}

/** Normalises a number's text: its digits without zeros at either end, and the exponent that goes with them. */
const decimal = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  // Not a regular expression: it would rescan each run of zeros from each of its digits.
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  const significant = digits.slice(0, end)
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

const truncate = (digits: string): string => (digits.length > 40 ? `${digits.slice(0, 40)}…` : digits)
