import * as E from 'fp-ts/lib/Either.js'
import type { Part, Put, Surroundings } from './agent.ts'
import { putFields, removeAt, replaceAt, valueAt } from './json-file.ts'
import type { JsonObject, JsonValue } from './json-text.ts'

/** How a server is named in every agent's configuration. */
export const serverName = 'claimlog'

/** `cwd`: how an agent names the project's folder that starts servers elsewhere, and has no field to say where. */
type EntryOptions = { readonly cwd?: string; readonly fields?: JsonObject }

/** The server's entry in a JSON file, under `key`. */
export const mcpEntry = (path: string, key: string, options: EntryOptions = {}): Part => ({
  path,
  put: (text, surroundings) => {
    const place = [key, serverName]
    const found = valueAt(text ?? '', place)
    if (E.isLeft(found)) return found
    const { right: there } = found
    if (there === undefined || isOwnEntry(there)) {
      const kept = (there ?? {}) as JsonObject
      const fields = Object.entries(options.fields ?? {}).filter(([name]) => kept[name] === undefined)
      const entry = entryFields(surroundings, kept['args'], options.cwd)
      return E.map(withNothingOwn)(putFields(text, place, { ...Object.fromEntries(fields), ...entry }))
    }
    const own = { entry: place.join('.'), was: JSON.stringify(there) }
    if (!surroundings.force) return E.right({ text: text ?? '', own: [{ ...own, fate: 'in_the_way' }] })
    return E.map((replaced: string): Put => ({ text: replaced, own: [{ ...own, fate: 'replaced' }] }))(
      replaceAt(text ?? '', place, { ...options.fields, ...entryFields(surroundings, undefined, options.cwd) }),
    )
  },
  remove: text => {
    const there = valueAt(text, [key, serverName])
    if (E.isLeft(there)) return there
    return isOwnEntry(there.right) ? removeAt(text, [key, serverName]) : E.right({ text, isOwnFile: false })
  },
})

export const withNothingOwn = (text: string): Put => ({ text, own: [] })

/** Whether set-up wrote an entry: it starts claimlog itself or its script, wherever that was installed, as a server. */
const isOwnEntry = (entry: JsonValue | undefined): boolean => {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { command, args } = entry as JsonObject
  if (typeof command !== 'string' || !Array.isArray(args)) return false
  const [first, second] = args as ReadonlyArray<JsonValue>
  if (/(?:^|[\\/])claimlog(?:\.cmd|\.exe)?$/.test(command)) return first === 'mcp'
  return typeof first === 'string' && /[\\/]claimlog\.c?js$/.test(first) && second === 'mcp'
}

/** How the server is started: it finds the workspace from where it runs. Flags that somebody added stay. */
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

/** The arguments after `mcp`, but for the workspace, and for the folder that set-up names. */
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
