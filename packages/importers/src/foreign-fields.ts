import * as E from 'fp-ts/lib/Either.js'
import { isObject } from '@claimlog/codecs'
import type { LeftOutReport } from './left-out.ts'

/** The fields of an object in another tool's file. Fields that are not read are reported, once per name. */
export type ForeignFields = {
  /** Identifies the object to its author: an id, or `line 3`. */
  readonly at: string
  /** The field's text; undefined if it is empty or missing. Another type is reported. */
  readonly text: (name: string) => string | undefined
  /** A string or a list of strings, for the payload. */
  readonly texts: (name: string) => string | ReadonlyArray<string> | undefined
  /** The field's value of any type; undefined if it is empty. */
  readonly any: (name: string) => unknown
  /** The field's items; none if it is not a list. */
  readonly items: (name: string) => ReadonlyArray<unknown>
  /** Reports every field that was not read. */
  readonly leaveRest: () => void
}

/** Gives access to the fields of `json`. Left: it is not an object. */
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
  return E.right<string, ForeignFields>({
    at,
    any,
    text: name => unless(name, 'not a string', any(name), isText),
    texts: name => unless(name, 'neither a string nor a list of strings', any(name), isTexts),
    items: name => unless(name, 'not a list', any(name), isList) ?? [],
    leaveRest: () => {
      for (const name of Object.keys(json))
        if (!asked.has(name) && saysSomething(json[name])) report.leave('field', name, 'claimlog has no such field', at)
    },
  })
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
const isTexts = (value: unknown): value is string | ReadonlyArray<string> =>
  isText(value) || (isList(value) && value.every(isText))

/** False for null, '', 0, false, [] and {}: tools write empty fields, and leaving them out loses nothing. */
const saysSomething = (value: unknown): boolean => {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
