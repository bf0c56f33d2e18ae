import * as E from 'fp-ts/lib/Either.js'
import { visit } from 'jsonc-parser'
import { type Json, maxJsonDepth } from '@claimlog/codecs'
import { explainTooManyValues } from './json-values.ts'

/**
 * Reads JSON from outside, and refuses in words what `JSON.parse` would take and quietly change: a field given twice,
 * a whole number that loses digits, a number too large to hold; and nesting deeper than a payload may have.
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
    refuseLoss(text)
    return E.right(value)
  } catch (thrown) {
    if (thrown instanceof Loss) return E.left(thrown.message)
    throw thrown
  }
}

/** A file holds payloads a few levels down; how deep those may be is for their own codec to say. */
const maxDepth = maxJsonDepth + 5

/** Ends the visit of a text at the first thing that would be lost, before it can recurse any deeper. */
class Loss extends Error {}

/** Throws {@link Loss} where reading `text`, which is valid JSON, would lose something. */
const refuseLoss = (text: string): void => {
  /** The keys seen in each open object; empty for an open array. */
  const open: Array<Set<string>> = []
  const enter = (): void => {
    if (open.push(new Set()) > maxDepth) throw new Loss(`is nested more than ${maxDepth} levels deep`)
  }
  const leave = (): void => void open.pop()
  visit(text, {
    onObjectBegin: enter,
    onArrayBegin: enter,
    onObjectEnd: leave,
    onArrayEnd: leave,
    onObjectProperty: key => {
      const keys = open.at(-1)
      if (keys?.has(key) === true) throw new Loss(`gives ${JSON.stringify(key)} twice`)
      keys?.add(key)
    },
    onLiteralValue: (value: unknown, offset, length) => {
      if (typeof value !== 'number') return
      const digits = text.slice(offset, offset + length)
      if (!isHeldExactly(digits))
        throw new Loss(`holds the number ${shortened(digits)}, which would be changed; write it as a string`)
    },
  })
}

/**
 * Whether a number is held as it is written: a whole one to the last digit; a fraction as the nearest there is, which is
 * what whoever wrote it had.
 */
const isHeldExactly = (digits: string): boolean => {
  const value = Number(digits)
  if (Number.isInteger(value)) return decimal(digits) === decimal(String(value))
  return Number.isFinite(value)
}

/** A number's text in one form: its digits without zeros at either end, and the exponent they have then. */
const decimal = (text: string): string => {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  // Not by a pattern: that looks at each run of zeros from each of its digits on.
  let end = digits.length
  while (digits[end - 1] === '0') end -= 1
  const significant = digits.slice(0, end)
  if (significant === '') return '0'
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

const shortened = (digits: string): string => (digits.length > 40 ? `${digits.slice(0, 40)}…` : digits)
