import { isAbsolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { shellQuote } from '@claimlog/messages'
import type { HookAgent } from './hook-answer.ts'
import type { Part, Put, Removed, Surroundings } from './agent.ts'
import { foldEither } from './fold-either.ts'
import { appendTo, type Path, putFields, removeAt, valueAt } from './json-file.ts'
import type { JsonObject, JsonValue } from './json-text.ts'

/** A hook of an event in an agent's file; `matcher` is set on its group, if hooks are grouped. */
type HookEntry = {
  readonly event: string
  readonly matcher?: string
  readonly hook: (command: string) => JsonObject
}

/**
 * The hooks of an agent: at session start, at session end and, if the agent uses its output, before context compaction.
 * `grouped`: an event lists groups of hooks; `flat`: it lists the hooks themselves.
 */
type Hooks = {
  readonly agent: HookAgent
  readonly shape: 'grouped' | 'flat'
  readonly start: HookEntry
  readonly end: HookEntry
  readonly compaction?: HookEntry
  /** The other fields of a new file. */
  readonly root?: JsonObject
}

/** Creates the edit that adds the hooks of an agent to a JSON file of the project. */
export const hookEntries = (path: string, { agent, shape, start, end, compaction, root = {} }: Hooks): Part => {
  const entries: ReadonlyArray<readonly [HookEntry, string]> = [
    [start, ''],
    ...(compaction === undefined ? [] : [[compaction, ' --compaction'] as const]),
    [end, ' --open-claims'],
  ]
  return {
    path,
    put: (text, surroundings) => {
      const puts = entries.map(([entry, flag]) => {
        const command = `${primeCommand(surroundings)}${flag} --hook ${agent}`
        return putHook({ shape, agent, root }, entry, entry.hook(command), surroundings.force)
      })
      return E.map(asPut)(foldEither(puts, { text, own: [] }))
    },
    remove: text =>
      foldEither(
        [...entries].reverse().map(([entry]) => removeHooks(agent, entry, root)),
        { text, isOwnFile: false },
      ),
  }
}

/** The file after the events that are already processed; `text` undefined: there is no file yet. */
type Edited = { readonly text: string | undefined; readonly own: Put['own'] }

const asPut = ({ text = '', own }: Edited): Put => ({ text, own })

const primeCommand = ({ command, namedDir }: Surroundings): string =>
  [...command.words.map(shellQuote), 'prime', ...(namedDir === undefined ? [] : ['--dir', shellQuote(namedDir)])].join(
    ' ',
  )

/** A hook that runs claimlog. `isAlone`: its group has no other hook; `isLocal`: setup wrote it. */
type Found = {
  readonly path: Path
  readonly group: Path | undefined
  readonly isAlone: boolean
  readonly isOurs: boolean
  readonly hook: JsonValue
}

/** The path to remove with a hook: its group if the hook is the only one in it. */
const placeOf = ({ path, group, isAlone }: Found): Path => (isAlone && group !== undefined ? group : path)

/** The changes to the hooks of one event. */
type HookPlan = {
  /** A hook of the user already runs claimlog and is kept. */
  readonly isDoneByTheirs: boolean
  /** The hook of setup that gets the current command; undefined: a new hook is added. */
  readonly updated: Found | undefined
  readonly removed: ReadonlyArray<Found>
  readonly own: Put['own']
}

const planHook =
  (force: boolean) =>
  (found: ReadonlyArray<Found>): HookPlan => {
    const theirs = found.filter(({ isOurs }) => !isOurs)
    const [first, ...doubles] = found.filter(({ isOurs }) => isOurs)
    const isReplaced = force && theirs.length > 0
    return {
      isDoneByTheirs: first === undefined && theirs.length > 0 && !force,
      updated: isReplaced ? undefined : first,
      removed: isReplaced ? found : doubles,
      own: theirs.map(({ path, hook }) => ({
        entry: path.join('.'),
        was: JSON.stringify(hook),
        fate: force ? 'replaced' : 'kept',
      })),
    }
  }

type HookShape = Required<Pick<Hooks, 'shape' | 'agent' | 'root'>>

const putHook =
  (hooks: HookShape, entry: HookEntry, hook: JsonObject, force: boolean) =>
  (before: Edited): E.Either<string, Edited> =>
    pipe(
      findHooks(before.text ?? '', hooks.agent, entry),
      E.map(planHook(force)),
      E.chain(removePlanned(before)),
      E.chain(writePlanned(hooks, entry, hook)),
    )

/** Removes the planned hooks from a file and passes the plan on. */
const removePlanned =
  (before: Edited) =>
  (plan: HookPlan): E.Either<string, Edited & { readonly plan: HookPlan }> =>
    pipe(
      withoutHooks({ text: before.text ?? '', isOwnFile: false }, plan.removed),
      E.map(({ text }) => ({ text: before.text && text, own: [...before.own, ...plan.own], plan })),
    )

const writePlanned =
  ({ shape, root }: HookShape, entry: HookEntry, hook: JsonObject) =>
  ({ text, own, plan }: Edited & { readonly plan: HookPlan }): E.Either<string, Edited> => {
    if (plan.isDoneByTheirs) return E.right({ text, own })
    const limits: JsonObject = entry.matcher === undefined ? {} : { matcher: entry.matcher }
    const element = shape === 'flat' ? hook : { ...limits, hooks: [hook] }
    const written =
      text === undefined || plan.updated === undefined
        ? appendTo(text, ['hooks', entry.event], element, root)
        : putFields(text, plan.updated.path, hook)
    return E.map((edited: string): Edited => ({ text: edited, own }))(written)
  }

const removeHooks =
  (agent: HookAgent, entry: HookEntry, root: JsonObject) =>
  (before: Removed): E.Either<string, Removed> =>
    pipe(
      findHooks(before.text, agent, entry),
      E.map(found => found.filter(({ isOurs }) => isOurs)),
      E.chain(ours => withoutHooks(before, ours, root)),
    )

/** Removes hooks, the last one first, so that the paths of the others stay valid. */
const withoutHooks = (before: Removed, hooks: ReadonlyArray<Found>, root?: JsonObject): E.Either<string, Removed> => {
  const lastFirst = [...hooks].sort(byPlace).reverse()
  return foldEither(
    lastFirst.map(
      each =>
        ({ text }: Removed) =>
          removeAt(text, placeOf(each), root),
    ),
    before,
  )
}

const byPlace = (one: Found, other: Found): number => {
  const depth = one.path.findIndex((step, at) => step !== other.path[at])
  return Number(one.path[depth] ?? 0) - Number(other.path[depth] ?? 0)
}

/** Finds the hooks of an event that run claimlog, by any path. */
const findHooks = (text: string, agent: HookAgent, entry: HookEntry): E.Either<string, ReadonlyArray<Found>> =>
  pipe(
    valueAt(text, ['hooks', entry.event]),
    E.chain(listOrNone(`hooks.${entry.event}`)),
    E.map(list => list.flatMap((each, index) => hooksIn(each, ['hooks', entry.event, index], agent, entry))),
  )

const listOrNone =
  (place: string) =>
  (value: JsonValue | undefined): E.Either<string, ReadonlyArray<JsonValue>> => {
    if (value === undefined) return E.right([])
    return Array.isArray(value) ? E.right(value as ReadonlyArray<JsonValue>) : E.left(`${place} is not a list`)
  }

/** Finds the hooks that run claimlog in an element of an event's list, which is a hook or a group of hooks. */
const hooksIn = (element: JsonValue, path: Path, agent: HookAgent, { matcher }: HookEntry): ReadonlyArray<Found> => {
  const group = fieldOf(element, 'hooks')
  if (!Array.isArray(group)) return hookAt(element, path, agent, { group: undefined, isAlone: false, isMatching: true })
  const around = { group: path, isAlone: group.length === 1, isMatching: fieldOf(element, 'matcher') === matcher }
  return (group as ReadonlyArray<JsonValue>).flatMap((hook, at) => hookAt(hook, [...path, 'hooks', at], agent, around))
}

type Around = Pick<Found, 'group' | 'isAlone'> & {
  /** True if the group has the matcher that setup writes. */
  readonly isMatching: boolean
}

const hookAt = (
  hook: JsonValue,
  path: Path,
  agent: HookAgent,
  { group, isAlone, isMatching }: Around,
): ReadonlyArray<Found> => {
  const command = fieldOf(hook, 'command')
  if (typeof command !== 'string' || !runsPrime.test(command)) return []
  return [{ path, group, isAlone, isOurs: isMatching && isWrittenBySetup(command, agent), hook }]
}

/** Matches any command that runs `claimlog prime`. */
const runsPrime = /claimlog(?:\.c?js|\.cmd|\.exe)?['"]?\s(?:.*\s)?prime(?:\s|$)/

/** True if setup wrote a command, from any installation. One with a worker, kinds or another flag is the user's. */
const isWrittenBySetup = (command: string, agent: HookAgent): boolean => {
  const [first = '', ...rest] = shellWords(command) ?? []
  // Either the name of the program, or the paths of node and the script.
  const words = isAbsolute(first) && isProgram.test(rest[0] ?? '') ? rest.slice(1) : isProgram.test(first) ? rest : []
  const flags = words[1] === '--dir' ? words.slice(3) : words.slice(1)
  const event = flags.filter(word => word === '--compaction' || word === '--open-claims')
  return words[0] === 'prime' && isDeepStrictEqual(flags, [...event.slice(0, 1), '--hook', agent])
}

const isProgram = /(?:^|[\\/])claimlog(?:\.c?js|\.cmd|\.exe)?$/

/** Splits a command into words; undefined: it uses shell syntax other than quotes. */
const shellWords = (command: string): ReadonlyArray<string> | undefined => {
  if (!/^(?:[\w@%+=:,./ -]|'[^']*'|\\')*$/.test(command)) return undefined
  const words = command.match(/(?:[^\s'\\]|'[^']*'|\\')+/g) ?? []
  return words.map(word => word.replace(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'"))
}

const fieldOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined
