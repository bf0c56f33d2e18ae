import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { Part, Put, Surroundings } from './agent.ts'
import { putFields, removeAt, replaceAt, valueAt } from './json-file.ts'
import type { JsonObject, JsonValue } from './json-text.ts'

/** The name of the server in every agent's configuration. */
export const serverName = 'claimlog'

/** `cwd`: the agent's variable for the project folder, if it starts servers elsewhere and has no field for it. */
type EntryOptions = { readonly cwd?: string; readonly fields?: JsonObject }

/** Creates the edit that adds the server's entry to a JSON file, under `key`. */
export const mcpEntry = (path: string, key: string, options: EntryOptions = {}): Part => {
  const place = [key, serverName]
  return {
    path,
    put: (text, surroundings) =>
      pipe(
        valueAt(text ?? '', place),
        E.chain(there =>
          there === undefined || isOwnEntry(there)
            ? putOwn(text, place, (there ?? {}) as JsonObject, { ...options, surroundings })
            : putInPlaceOfTheirs(text ?? '', place, there, { ...options, surroundings }),
        ),
      ),
    remove: text =>
      pipe(
        valueAt(text, place),
        E.chain(there => (isOwnEntry(there) ? removeAt(text, place) : E.right({ text, isOwnFile: false }))),
      ),
  }
}

type Putting = EntryOptions & { readonly surroundings: Surroundings }

/** Writes the entry; keeps fields and flags that the user added. */
const putOwn = (
  text: string | undefined,
  place: ReadonlyArray<string>,
  kept: JsonObject,
  { surroundings, cwd, fields = {} }: Putting,
): E.Either<string, Put> => {
  const missing = Object.entries(fields).filter(([name]) => kept[name] === undefined)
  const entry = { ...Object.fromEntries(missing), ...entryFields(surroundings, kept['args'], cwd) }
  return E.map(withNothingOwn)(putFields(text, place, entry))
}

/** An entry of the user with the same name is a conflict; only `--force` replaces it. */
const putInPlaceOfTheirs = (
  text: string,
  place: ReadonlyArray<string>,
  there: JsonValue,
  { surroundings, cwd, fields }: Putting,
): E.Either<string, Put> => {
  const own = { entry: place.join('.'), was: JSON.stringify(there) }
  if (!surroundings.force) return E.right({ text, own: [{ ...own, fate: 'in_the_way' }] })
  const replaced = replaceAt(text, place, { ...fields, ...entryFields(surroundings, undefined, cwd) })
  return E.map((written: string): Put => ({ text: written, own: [{ ...own, fate: 'replaced' }] }))(replaced)
}

export const withNothingOwn = (text: string): Put => ({ text, own: [] })

/** True if setup wrote an entry: it runs `claimlog mcp`, by name or by the path of any installation. */
const isOwnEntry = (entry: JsonValue | undefined): boolean => {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { command, args } = entry as JsonObject
  if (typeof command !== 'string' || !Array.isArray(args)) return false
  const [first, second] = args as ReadonlyArray<JsonValue>
  if (/(?:^|[\\/])claimlog(?:\.cmd|\.exe)?$/.test(command)) return first === 'mcp'
  return typeof first === 'string' && /[\\/]claimlog\.c?js$/.test(first) && second === 'mcp'
}

/** The command of the server, which discovers the workspace from its working directory. Keeps flags of the user. */
export const entryFields = (
  { command, namedDir }: Surroundings,
  argsThere: JsonValue | undefined,
  cwd?: string,
): { readonly command: string; readonly args: Array<string> } => {
  const [program = '', ...words] = command.words
  const added = addedArguments(argsThere)
  return {
    command: program,
    args: [
      ...words,
      'mcp',
      ...(cwd === undefined || added.includes('--cwd') ? [] : ['--cwd', cwd]),
      ...(namedDir === undefined ? [] : ['--dir', namedDir]),
      ...added,
    ],
  }
}

/** The arguments after `mcp` that setup did not write: all but the workspace and the project folder. */
const addedArguments = (args: JsonValue | undefined): ReadonlyArray<string> => {
  if (!Array.isArray(args)) return []
  const words = (args as ReadonlyArray<JsonValue>).map(String)
  const at = words.indexOf('mcp')
  if (at === -1) return []
  const rest = words.slice(at + 1)
  const isOurs = (flag: string | undefined, value: string | undefined): boolean =>
    flag === '--dir' || (flag === '--cwd' && value === '${workspaceFolder}')
  return rest.filter((word, i) => !isOurs(word, rest[i + 1]) && !isOurs(rest[i - 1], word))
}
