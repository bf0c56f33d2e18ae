import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { parse, stringify, type TomlTable, TomlError, type TomlValue } from 'smol-toml'
import type { Part, Put, Removed, Surroundings } from './agent.ts'
import { hasSection, putSection, removeSection, tomlComment } from './marked-section.ts'
import { entryFields, serverName, withNothingOwn } from './mcp-entry.ts'
import type { JsonValue } from './json-text.ts'

/**
 * Creates the edit that adds the server's table to a TOML file, `[key.claimlog]`, between two comment lines. The rest
 * of the text does not change. The file is parsed before and after the edit; if anything but that table would differ,
 * the edit fails.
 */
export const tomlEntry = (path: string, key: string, agent: string): Part => ({
  path,
  put: (file, surroundings) =>
    pipe(
      readToml(file ?? ''),
      E.chain(before => putTable(file, before, { key, agent, surroundings })),
    ),
  remove: text =>
    pipe(
      readToml(text),
      E.chain(before => removeTable(text, before, key, agent)),
    ),
})

/** The table to edit, and the options of the edit. */
type Table = { readonly key: string; readonly agent: string; readonly surroundings: Surroundings }

const putTable = (file: string | undefined, before: TomlTable, table: Table): E.Either<string, Put> => {
  const { key, agent, surroundings } = table
  const text = file ?? ''
  const there = entryIn(before, key)
  const wanted = { ...there, ...entryFields(surroundings, there?.['args'] as JsonValue | undefined) }
  const isAsWanted = isDeepStrictEqual({ ...there }, wanted)
  if (there !== undefined && !hasSection(text, tomlComment))
    return isAsWanted ? E.right(withNothingOwn(text)) : putBesideOwn(text, before, there, table)
  return pipe(
    // A table that is up to date is not rewritten, so that it keeps the user's comments.
    isAsWanted ? checkedMarks(text, agent) : putSection(file, tomlComment, sectionBody(key, wanted), agent),
    E.chain(whereElseIsTheSame(before, key, wanted)),
    E.map(withNothingOwn),
  )
}

const removeTable = (text: string, before: TomlTable, key: string, agent: string): E.Either<string, Removed> =>
  pipe(
    removeSection(text, tomlComment, agent),
    E.chainFirst(left => (left.text === text ? E.right(text) : whereElseIsTheSame(before, key, undefined)(left.text))),
  )

/** Handles a table of the user: it has no markers, and other values than setup would write. */
const putBesideOwn = (
  text: string,
  before: TomlTable,
  there: TomlTable,
  { key, agent, surroundings }: Table,
): E.Either<string, Put> => {
  const own = { entry: `[${key}.${serverName}]`, was: JSON.stringify(there) }
  if (!surroundings.force) return E.right({ text, own: [{ ...own, fate: 'in_the_way' }] })
  const wanted = entryFields(surroundings, undefined)
  return pipe(
    putSection(withoutTable(text, key), tomlComment, sectionBody(key, wanted), agent),
    E.chain(whereElseIsTheSame(before, key, wanted)),
    E.bimap(
      () => `it has a ${own.entry} that cannot be separated from the text around it`,
      (written): Put => ({ text: written, own: [{ ...own, fate: 'replaced' }] }),
    ),
  )
}

/**
 * Removes the lines that look like the server's table: those under its headings, and assignments to it. The caller must
 * parse the result to check that nothing else was removed.
 */
const withoutTable = (text: string, key: string): string => {
  const name = `(?:${serverName}|"${serverName}"|'${serverName}')`
  const heading = new RegExp(`^\\s*\\[\\s*${key}\\s*\\.\\s*${name}\\s*[.\\]]`)
  const assignment = new RegExp(`^\\s*(?:${key}\\s*\\.\\s*)?${name}\\s*[.=]`)
  const kept: Array<string> = []
  /** Comments and blank lines in the table. They belong to the next table if one follows. */
  let pending: Array<string> = []
  let isInTable = false
  for (const line of text.split(/(?<=\n)/)) {
    if (/^\s*\[/.test(line)) {
      const wasInTable = isInTable
      isInTable = heading.test(line)
      if (wasInTable && !isInTable) kept.push(...pending)
      pending = []
      if (isInTable) continue
    }
    if (isInTable) pending = /^\s*(?:#|$)/.test(line) ? [...pending, line] : []
    else if (!assignment.test(line)) kept.push(line)
  }
  return kept.join('')
}

const sectionBody = (key: string, entry: TomlTable): string => stringify({ [key]: { [serverName]: entry } }).trimEnd()

const checkedMarks = (text: string, agent: string): E.Either<string, string> =>
  pipe(
    removeSection(text, tomlComment, agent),
    E.map(() => text),
  )

const readToml = (text: string): E.Either<string, TomlTable> => {
  try {
    return E.right(parse(text))
  } catch (thrown) {
    if (thrown instanceof TomlError) {
      const [what = ''] = thrown.message.replace(/^Invalid TOML document: /, '').split('\n')
      return E.left(`it is not TOML: ${what} in line ${thrown.line}, column ${thrown.column}`)
    }
    if (thrown instanceof RangeError) return E.left('it is nested too deeply')
    throw thrown
  }
}

/** Checks an edited text: the entry must be as wanted, and everything else as `before`. */
const whereElseIsTheSame =
  (before: TomlTable, key: string, wanted: TomlTable | undefined) =>
  (text: string): E.Either<string, string> =>
    pipe(
      readToml(text),
      E.mapLeft(problem => `with claimlog's table ${problem}`),
      E.filterOrElse(
        after =>
          isDeepStrictEqual(plain(withEntry(after, key, entryIn(after, key))), plain(withEntry(before, key, wanted))),
        () => "claimlog's table would change the rest of the file",
      ),
      E.map(() => text),
    )

const tableIn = (table: TomlTable | undefined, key: string): TomlTable | undefined => {
  const value = table?.[key]
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) ? value : undefined
}

const entryIn = (document: TomlTable, key: string): TomlTable | undefined => tableIn(tableIn(document, key), serverName)

/** Copies values to ordinary objects: those of the parser have no prototype, which counts as a difference. */
const plain = (value: TomlValue): TomlValue => {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** Replaces the entry of a document, or removes it if undefined, together with the outer table if that is empty. */
const withEntry = (document: TomlTable, key: string, entry: TomlTable | undefined): TomlTable => {
  const { [serverName]: _, ...others } = tableIn(document, key) ?? {}
  const { [key]: around, ...rest } = document
  if (entry !== undefined) return { ...rest, [key]: { ...others, [serverName]: entry } }
  if (around !== undefined && tableIn(document, key) === undefined) return document
  return Object.keys(others).length === 0 ? rest : { ...rest, [key]: others }
}
