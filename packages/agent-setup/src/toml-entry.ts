import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { parse, stringify, type TomlTable, TomlError, type TomlValue } from 'smol-toml'
import type { ConfigEdit, AppliedEdit, RemovedEdit, SetupContext } from './agent.ts'
import { hasBlock, putBlock, removeBlock, tomlComment } from './managed-block.ts'
import { entryFields, serverName, toAppliedEdit } from './mcp-entry.ts'
import type { JsonValue } from './json-text.ts'

/**
 * Creates the edit that adds the server's table to a TOML file, `[key.claimlog]`, between two comment lines. The rest
 * of the text does not change. The file is parsed before and after the edit; if anything but that table would differ,
 * the edit fails.
 */
export const tomlEntry = (path: string, key: string, agent: string): ConfigEdit => ({
  path,
  apply: (file, context) =>
    pipe(
      readToml(file ?? ''),
      E.chain(before => applyTable(file, before, { key, agent, context })),
    ),
  remove: text =>
    pipe(
      readToml(text),
      E.chain(before => removeTable(text, before, key, agent)),
    ),
})

/** The table to edit, and the options of the edit. */
type TableContext = { readonly key: string; readonly agent: string; readonly context: SetupContext }

const applyTable = (
  file: string | undefined,
  before: TomlTable,
  table: TableContext,
): E.Either<string, AppliedEdit> => {
  const { key, agent, context } = table
  const text = file ?? ''
  const existing = findEntry(before, key)
  const wanted = { ...existing, ...entryFields(context, existing?.['args'] as JsonValue | undefined) }
  const isUpToDate = isDeepStrictEqual({ ...existing }, wanted)
  if (existing !== undefined && !hasBlock(text, tomlComment))
    return isUpToDate ? E.right(toAppliedEdit(text)) : replaceUserTable(text, before, existing, table)
  return pipe(
    // A table that is up to date is not rewritten, so that it keeps the user's comments.
    isUpToDate ? checkMarkers(text, agent) : putBlock(file, tomlComment, formatEntry(key, wanted), agent),
    E.chain(assertOnlyOurTableChanged(before, key, wanted)),
    E.map(toAppliedEdit),
  )
}

const removeTable = (text: string, before: TomlTable, key: string, agent: string): E.Either<string, RemovedEdit> =>
  pipe(
    removeBlock(text, tomlComment, agent),
    E.chainFirst(remaining =>
      remaining.text === text ? E.right(text) : assertOnlyOurTableChanged(before, key, undefined)(remaining.text),
    ),
  )

/** Handles a table of the user: it has no markers, and other values than setup would write. */
const replaceUserTable = (
  text: string,
  before: TomlTable,
  existing: TomlTable,
  { key, agent, context }: TableContext,
): E.Either<string, AppliedEdit> => {
  const userEntry = { entry: `[${key}.${serverName}]`, value: JSON.stringify(existing) }
  if (!context.force) return E.right({ text, userEntries: [{ ...userEntry, outcome: 'conflict' }] })
  const wanted = entryFields(context, undefined)
  return pipe(
    putBlock(stripTable(text, key), tomlComment, formatEntry(key, wanted), agent),
    E.chain(assertOnlyOurTableChanged(before, key, wanted)),
    E.bimap(
      () => `it has a ${userEntry.entry} that cannot be separated from the text around it`,
      (written): AppliedEdit => ({ text: written, userEntries: [{ ...userEntry, outcome: 'replaced' }] }),
    ),
  )
}

/**
 * Removes the lines that look like the server's table: those under its headings, and assignments to it. The caller must
 * parse the result to check that nothing else was removed.
 */
const stripTable = (text: string, key: string): string => {
  const name = `(?:${serverName}|"${serverName}"|'${serverName}')`
  const heading = new RegExp(`^\\s*\\[\\s*${key}\\s*\\.\\s*${name}\\s*[.\\]]`)
  const assignment = new RegExp(`^\\s*(?:${key}\\s*\\.\\s*)?${name}\\s*[.=]`)
  const keptLines: Array<string> = []
  /** Comments and blank lines in the table. They belong to the next table if one follows. */
  let pending: Array<string> = []
  let isInTable = false
  for (const line of text.split(/(?<=\n)/)) {
    if (/^\s*\[/.test(line)) {
      const wasInTable = isInTable
      isInTable = heading.test(line)
      if (wasInTable && !isInTable) keptLines.push(...pending)
      pending = []
      if (isInTable) continue
    }
    if (isInTable) pending = /^\s*(?:#|$)/.test(line) ? [...pending, line] : []
    else if (!assignment.test(line)) keptLines.push(line)
  }
  return keptLines.join('')
}

const formatEntry = (key: string, entry: TomlTable): string => stringify({ [key]: { [serverName]: entry } }).trimEnd()

const checkMarkers = (text: string, agent: string): E.Either<string, string> =>
  pipe(
    removeBlock(text, tomlComment, agent),
    E.map(() => text),
  )

const readToml = (text: string): E.Either<string, TomlTable> => {
  try {
    return E.right(parse(text))
  } catch (thrown) {
    if (thrown instanceof TomlError) {
      const [message = ''] = thrown.message.replace(/^Invalid TOML document: /, '').split('\n')
      return E.left(`it is not TOML: ${message} in line ${thrown.line}, column ${thrown.column}`)
    }
    if (thrown instanceof RangeError) return E.left('it is nested too deeply')
    throw thrown
  }
}

/** Checks an edited text: the entry must be as wanted, and everything else as `before`. */
const assertOnlyOurTableChanged =
  (before: TomlTable, key: string, wanted: TomlTable | undefined) =>
  (text: string): E.Either<string, string> =>
    pipe(
      readToml(text),
      E.mapLeft(problem => `with claimlog's table ${problem}`),
      E.filterOrElse(
        after =>
          isDeepStrictEqual(
            toPlainValue(withEntry(after, key, findEntry(after, key))),
            toPlainValue(withEntry(before, key, wanted)),
          ),
        () => "claimlog's table would change the rest of the file",
      ),
      E.map(() => text),
    )

const findTable = (table: TomlTable | undefined, key: string): TomlTable | undefined => {
  const value = table?.[key]
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) ? value : undefined
}

const findEntry = (document: TomlTable, key: string): TomlTable | undefined =>
  findTable(findTable(document, key), serverName)

/** Copies values to ordinary objects: those of the parser have no prototype, which counts as a difference. */
const toPlainValue = (value: TomlValue): TomlValue => {
  if (Array.isArray(value)) return value.map(toPlainValue)
  if (typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlainValue(inner)]))
}

/** Replaces the entry of a document, or removes it if undefined, together with the outer table if that is empty. */
const withEntry = (document: TomlTable, key: string, entry: TomlTable | undefined): TomlTable => {
  const { [serverName]: _, ...others } = findTable(document, key) ?? {}
  const { [key]: outerTable, ...rest } = document
  if (entry !== undefined) return { ...rest, [key]: { ...others, [serverName]: entry } }
  if (outerTable !== undefined && findTable(document, key) === undefined) return document
  return Object.keys(others).length === 0 ? rest : { ...rest, [key]: others }
}
