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

/** A hook of an event, as an agent's file has it; `matcher` is of its group, where hooks are in groups. */
type HookEntry = {
  readonly event: string
  readonly matcher?: string
  readonly hook: (command: string) => JsonObject
}

/**
 * The hooks of an agent: what runs when a session starts, when it ends, and where it is heard then, before its context is
 * compacted. `grouped`: an event lists groups of hooks; `flat`: it lists the hooks themselves.
 */
type Hooks = {
  readonly agent: HookAgent
  readonly shape: 'grouped' | 'flat'
  readonly start: HookEntry
  readonly end: HookEntry
  readonly compaction?: HookEntry
  /** What a new file has beside its hooks. */
  readonly root?: JsonObject
}

/** The hooks of an agent in a JSON file of its project. */
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

/** What the hooks of the events so far have made of a file; undefined: there is none yet. */
type Edited = { readonly text: string | undefined; readonly own: Put['own'] }

const asPut = ({ text = '', own }: Edited): Put => ({ text, own })

const primeCommand = ({ command, namedDir }: Surroundings): string =>
  [...command.words.map(shellQuote), 'prime', ...(namedDir === undefined ? [] : ['--dir', shellQuote(namedDir)])].join(
    ' ',
  )

/** A hook that runs this program: where it stands, whether its group has no other, and whether set-up wrote it. */
type Found = {
  readonly path: Path
  readonly group: Path | undefined
  readonly isAlone: boolean
  readonly isOurs: boolean
  readonly hook: JsonValue
}

/** Where what goes with a hook stands: its group, if it has no other. */
const placeOf = ({ path, group, isAlone }: Found): Path => (isAlone && group !== undefined ? group : path)

/** What is done about the hooks of one event. */
type HookPlan = {
  /** A person's hook runs this program already, and stays as it is. */
  readonly isDoneByTheirs: boolean
  /** The hook of ours that gets the command as it is now; undefined: one is added. */
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

/** What is left of a file without the hooks that go, and what is still to be done in it. */
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

/** Without these hooks, the last of them first, so that the places of the others stay true. */
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

/** The hooks of an event that run this program, whichever way it was started when they were written. */
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
    return Array.isArray(value) ? E.right(value as ReadonlyArray<JsonValue>) : E.left(`${place} is no list`)
  }

/** The hooks that run this program in an element of an event's list: a group of hooks, or a hook itself. */
const hooksIn = (element: JsonValue, path: Path, agent: HookAgent, { matcher }: HookEntry): ReadonlyArray<Found> => {
  const group = fieldOf(element, 'hooks')
  if (!Array.isArray(group)) return hookAt(element, path, agent, { group: undefined, isAlone: false, isMatching: true })
  const around = { group: path, isAlone: group.length === 1, isMatching: fieldOf(element, 'matcher') === matcher }
  return (group as ReadonlyArray<JsonValue>).flatMap((hook, at) => hookAt(hook, [...path, 'hooks', at], agent, around))
}

type Around = Pick<Found, 'group' | 'isAlone'> & {
  /** Whether its group has the matcher that set-up gives one. */
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

/** Any command that primes a session, by whatever way it comes to that. */
const runsPrime = /claimlog(?:\.c?js|\.cmd|\.exe)?['"]?\s(?:.*\s)?prime(?:\s|$)/

/** Whether set-up wrote a command, from whichever place: one with a worker, kinds or any other flag is a person's. */
const isWrittenBySetup = (command: string, agent: HookAgent): boolean => {
  const [first = '', ...rest] = shellWords(command) ?? []
  // By its name, or by the paths of node and the script.
  const words = isAbsolute(first) && isProgram.test(rest[0] ?? '') ? rest.slice(1) : isProgram.test(first) ? rest : []
  const flags = words[1] === '--dir' ? words.slice(3) : words.slice(1)
  const event = flags.filter(word => word === '--compaction' || word === '--open-claims')
  return words[0] === 'prime' && isDeepStrictEqual(flags, [...event.slice(0, 1), '--hook', agent])
}

const isProgram = /(?:^|[\\/])claimlog(?:\.c?js|\.cmd|\.exe)?$/

/** The words of a command; undefined: a shell would do more with it than to take off its quotes. */
const shellWords = (command: string): ReadonlyArray<string> | undefined => {
  if (!/^(?:[\w@%+=:,./ -]|'[^']*'|\\')*$/.test(command)) return undefined
  const words = command.match(/(?:[^\s'\\]|'[^']*'|\\')+/g) ?? []
  return words.map(word => word.replace(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'"))
}

const fieldOf = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined
