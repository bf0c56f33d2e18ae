import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type { ConfigEdit, AppliedEdit, SetupContext } from './agent.ts'
import { setFields, removeValue, replaceValue, readValue } from './json-file.ts'
import type { JsonTextObject, JsonValue } from './json-text.ts'

/** The name of the server in every agent's configuration. */
export const serverName = 'claimlog'

/** `cwd`: the agent's variable for the project folder, if it starts servers elsewhere and has no field for it. */
type EntryOptions = { readonly cwd?: string; readonly fields?: JsonTextObject }

/** Creates the edit that adds the server's entry to a JSON file, under `key`. */
export const mcpEntry = (path: string, key: string, options: EntryOptions = {}): ConfigEdit => {
  const keyPath = [key, serverName]
  return {
    path,
    apply: (text, context) =>
      pipe(
        readValue(text ?? '', keyPath),
        E.chain(existing =>
          existing === undefined || isSetupEntry(existing)
            ? updateEntry(text, keyPath, (existing ?? {}) as JsonTextObject, { ...options, context })
            : replaceUserEntry(text ?? '', keyPath, existing, { ...options, context }),
        ),
      ),
    remove: text =>
      pipe(
        readValue(text, keyPath),
        E.chain(existing =>
          isSetupEntry(existing) ? removeValue(text, keyPath) : E.right({ text, isCreatedBySetup: false }),
        ),
      ),
  }
}

type EntryContext = EntryOptions & { readonly context: SetupContext }

/** Writes the entry; keeps fields and flags that the user added. */
const updateEntry = (
  text: string | undefined,
  keyPath: ReadonlyArray<string>,
  current: JsonTextObject,
  { context, cwd, fields = {} }: EntryContext,
): E.Either<string, AppliedEdit> => {
  const missing = Object.entries(fields).filter(([name]) => current[name] === undefined)
  const entry = { ...Object.fromEntries(missing), ...entryFields(context, current['args'], cwd) }
  return E.map(toAppliedEdit)(setFields(text, keyPath, entry))
}

/** An entry of the user with the same name is a conflict; only `--force` replaces it. */
const replaceUserEntry = (
  text: string,
  keyPath: ReadonlyArray<string>,
  existing: JsonValue,
  { context, cwd, fields }: EntryContext,
): E.Either<string, AppliedEdit> => {
  const userEntry = { entry: keyPath.join('.'), value: JSON.stringify(existing) }
  if (!context.force) return E.right({ text, userEntries: [{ ...userEntry, outcome: 'conflict' }] })
  const replaced = replaceValue(text, keyPath, { ...fields, ...entryFields(context, undefined, cwd) })
  return E.map((written: string): AppliedEdit => ({
    text: written,
    userEntries: [{ ...userEntry, outcome: 'replaced' }],
  }))(replaced)
}

export const toAppliedEdit = (text: string): AppliedEdit => ({ text, userEntries: [] })

/** True if setup wrote an entry: it runs `claimlog mcp`, by name or by the path of any installation. */
const isSetupEntry = (entry: JsonValue | undefined): boolean => {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return false
  const { command, args } = entry as JsonTextObject
  if (typeof command !== 'string' || !Array.isArray(args)) return false
  const [first, second] = args as ReadonlyArray<JsonValue>
  if (/(?:^|[\\/])claimlog(?:\.cmd|\.exe)?$/.test(command)) return first === 'mcp'
  return typeof first === 'string' && /[\\/]claimlog\.c?js$/.test(first) && second === 'mcp'
}

/** The command of the server, which discovers the workspace from its working directory. Keeps flags of the user. */
export const entryFields = (
  { command, queueFlags }: SetupContext,
  existingArgs: JsonValue | undefined,
  cwd?: string,
): { readonly command: string; readonly args: Array<string> } => {
  const [program = '', ...words] = command.words
  const userArguments = findUserArguments(existingArgs)
  return {
    command: program,
    args: [
      ...words,
      'mcp',
      ...(cwd === undefined || userArguments.includes('--cwd') ? [] : ['--cwd', cwd]),
      ...queueFlags,
      ...userArguments,
    ],
  }
}

/** The arguments after `mcp` that setup did not write: all but the workspace and the project folder. */
const findUserArguments = (args: JsonValue | undefined): ReadonlyArray<string> => {
  if (!Array.isArray(args)) return []
  const words = (args as ReadonlyArray<JsonValue>).map(String)
  const index = words.indexOf('mcp')
  if (index === -1) return []
  const rest = words.slice(index + 1)
  const isSetupFlag = (flag: string | undefined, value: string | undefined): boolean =>
    flag === '--dir' || flag === '--log' || (flag === '--cwd' && value === '${workspaceFolder}')
  return rest.filter((word, i) => !isSetupFlag(word, rest[i + 1]) && !isSetupFlag(rest[i - 1], word))
}
