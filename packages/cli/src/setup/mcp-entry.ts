import * as E from 'fp-ts/lib/Either.js'
import type { Part, Put, Surroundings } from './agent.ts'
import { putFields, removeAt, replaceAt, valueAt } from './json-file.ts'
import type { JsonObject, JsonValue } from './json-text.ts'

/** How a server is named in every agent's configuration. */
export const serverName = 'claimlog'

/** Where an agent does not say in which folder it starts a server: how its configuration names the project's. */
type EntryOptions = { readonly projectFolder?: string; readonly fields?: JsonObject }

/** The server's entry in a JSON file, under `key`. */
export const mcpEntry = (path: string, key: string, options: EntryOptions = {}): Part => ({
  path,
  put: (text, surroundings) => {
    const place = [key, serverName]
    const found = valueAt(text ?? '', place)
    if (E.isLeft(found)) return found
    const { right: there } = found
    const written = (args: JsonValue | undefined): JsonObject => ({
      ...options.fields,
      ...entryFields(surroundings, args, options.projectFolder),
    })
    if (there === undefined || isOwnEntry(there))
      return E.map(withNothingOwn)(putFields(text, place, written((there as JsonObject | undefined)?.['args'])))
    const own = { entry: place.join('.'), was: JSON.stringify(there) }
    if (!surroundings.force) return E.right({ text: text ?? '', own: [{ ...own, fate: 'in_the_way' }] })
    return E.map((replaced: string): Put => ({ text: replaced, own: [{ ...own, fate: 'replaced' }] }))(
      replaceAt(text ?? '', place, written(undefined)),
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

/** How the server is started. Flags that somebody added to the arguments there are stay. */
export const entryFields = (
  { command, namedDir, dirFromProject }: Surroundings,
  argsThere: JsonValue | undefined,
  projectFolder?: string,
): { readonly command: string; readonly args: Array<string> } => {
  const [program = '', ...words] = command.words
  const dir = namedDir ?? (projectFolder === undefined ? undefined : `${projectFolder}/${dirFromProject}`)
  return {
    command: program,
    args: [...words, 'mcp', ...(dir === undefined ? [] : ['--dir', dir]), ...added(argsThere)],
  }
}

/** The arguments after `mcp`, but for the workspace. */
const added = (args: JsonValue | undefined): ReadonlyArray<string> => {
  if (!Array.isArray(args)) return []
  const words = (args as ReadonlyArray<JsonValue>).map(String)
  const at = words.indexOf('mcp')
  return at === -1 ? [] : words.slice(at + 1).filter((word, i, rest) => word !== '--dir' && rest[i - 1] !== '--dir')
}
