import * as E from 'fp-ts/lib/Either.js'
import { isObject } from '@claimlog/codecs'
import type { ImportWarnings } from './import-warnings.ts'

/** The fields of an object in another tool's file. Fields that are not read are reported, once per name. */
export type ExternalFields = {
  /** Identifies the object to its author: an id, or `line 3`. */
  readonly itemRef: string
  /** The field's text; undefined if it is empty or missing. Another type is reported. */
  readonly text: (name: string) => string | undefined
  /** A string or a list of strings, for the payload. */
  readonly texts: (name: string) => string | ReadonlyArray<string> | undefined
  /** The field's value of any type; undefined if it is empty. */
  readonly any: (name: string) => unknown
  /** The field's items; none if it is not a list. */
  readonly items: (name: string) => ReadonlyArray<unknown>
  /** Reports every field that was not read. */
  readonly reportUnread: () => void
}

/** Gives access to the fields of `json`. Left: it is not an object. */
export const readFields = (
  json: unknown,
  itemRef: string,
  warnings: ImportWarnings,
): E.Either<string, ExternalFields> => {
  if (!isObject(json)) return E.left(`${itemRef} must be an object`)
  const readNames = new Set<string>()
  const any = (name: string): unknown => {
    readNames.add(name)
    return Object.hasOwn(json, name) && hasContent(json[name]) ? json[name] : undefined
  }
  const expectType = <A>(
    name: string,
    why: string,
    value: unknown,
    isExpected: (value: unknown) => value is A,
  ): A | undefined => {
    if (value === undefined || isExpected(value)) return value
    warnings.add('field', name, why, itemRef)
    return undefined
  }
  return E.right<string, ExternalFields>({
    itemRef,
    any,
    text: name => expectType(name, 'not a string', any(name), isText),
    texts: name => expectType(name, 'neither a string nor a list of strings', any(name), isTexts),
    items: name => expectType(name, 'not a list', any(name), isList) ?? [],
    reportUnread: () => {
      for (const name of Object.keys(json))
        if (!readNames.has(name) && hasContent(json[name]))
          warnings.add('field', name, 'claimlog has no such field', itemRef)
    },
  })
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isList = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
const isTexts = (value: unknown): value is string | ReadonlyArray<string> =>
  isText(value) || (isList(value) && value.every(isText))

/** False for null, '', 0, false, [] and {}: tools write empty fields, and leaving them out loses nothing. */
const hasContent = (value: unknown): boolean => {
  if (value === null || value === undefined || value === '' || value === 0 || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
