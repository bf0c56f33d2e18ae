import * as E from 'fp-ts/lib/Either.js'
import { isObject } from '@claimlog/codecs'
import type { LeftOutReport } from './left-out.ts'

/** An object of another tool's file. What is not asked for is left out, and said once per name. */
export type ForeignFields = {
  /** What its author calls it. */
  readonly at: string
  /** The field's text; undefined where it is empty or not there. One that is no text is left out. */
  readonly text: (name: string) => string | undefined
  /** A text, or a list of texts, as a payload keeps it. */
  readonly texts: (name: string) => string | ReadonlyArray<string> | undefined
  /** Whatever the field holds; undefined where it says nothing. */
  readonly any: (name: string) => unknown
  /** The field's items; none where it is no list. */
  readonly items: (name: string) => ReadonlyArray<unknown>
  /** Leaves out all that was not asked for. */
  readonly leaveRest: () => void
}

/** The fields of `json`, which its author calls `at`. Left: it is no object. */
export const foreignFields = (json: unknown, at: string, report: LeftOutReport): E.Either<string, ForeignFields> => {
  if (!isObject(json)) return E.left(`${at} must be an object`)
  const asked = new Set<string>()
  const any = (name: string): unknown => {
    asked.add(name)
    return Object.hasOwn(json, name) && saysSomething(json[name]) ? json[name] : undefined
  }
  const unless = <A>(name: string, why: string, value: unknown, is: (value: unknown) => value is A): A | undefined => {
    if (value === undefined || is(value)) return value
    report.leave('field', name, why, at)
    return undefined
  }
  return E.right({
    at,
    any,
    text: name => unless(name, 'it is no text', any(name), isText),
    texts: name => unless(name, 'it is neither a text nor a list of texts', any(name), isTexts),
    items: name => unless(name, 'it is no list', any(name), isList) ?? [],
    leaveRest: () => {
      for (const name of Object.keys(json))
        if (!asked.has(name) && saysSomething(json[name]))
          report.leave('field', name, 'there is no such field here', at)
    },
  })
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
const isTexts = (value: unknown): value is string | ReadonlyArray<string> =>
  isText(value) || (isList(value) && value.every(isText))

/** Tools write out what is empty: null, '', 0, false, [] and {} say nothing that could be missed. */
const saysSomething = (value: unknown): boolean => {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
