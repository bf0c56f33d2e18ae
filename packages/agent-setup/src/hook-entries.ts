import { isAbsolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { shellQuote } from '@claimlog/messages'
import type { HookAgent } from './hook-answer.ts'
import type { Part, Put, Removed, Surroundings } from './agent.ts'
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
export const hookEntries = (path: string, { agent, shape, start, end, compaction, root = {} }: Hooks): Part => ({
  path,
  put: (text, surroundings) => {
    let edited: E.Either<string, Edited> = E.right({ text, own: [] })
    for (const [entry, flag] of [
      [start, ''],
      [compaction, ' --compaction'],
      [end, ' --open-claims'],
    ] as const) {
      if (E.isLeft(edited)) return edited
      if (entry === undefined) continue
      const command = `${primeCommand(surroundings)}${flag} --hook ${agent}`
      edited = putHook(edited.right, { shape, agent, root }, entry, entry.hook(command), surroundings.force)
    }
    return E.map(({ text: written, own }: Edited) => ({ text: written ?? '', own }))(edited)
  },
  remove: text => {
    let edited: E.Either<string, Removed> = E.right({ text, isOwnFile: false })
    for (const entry of [end, ...(compaction === undefined ? [] : [compaction]), start])
      if (E.isRight(edited)) edited = removeHooks(edited.right, agent, entry, root)
    return edited
  },
})

/** What the hooks of the events so far have made of a file; undefined: there is none yet. */
type Edited = { readonly text: string | undefined; readonly own: Put['own'] }

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

const putHook = (
  before: Edited,
  { shape, agent, root }: Required<Pick<Hooks, 'shape' | 'agent' | 'root'>>,
  entry: HookEntry,
  hook: JsonObject,
  force: boolean,
): E.Either<string, Edited> => {
  const found = findHooks(before.text ?? '', agent, entry)
  if (E.isLeft(found)) return found
  const theirs = found.right.filter(({ isOurs }) => !isOurs)
  const [first, ...doubles] = found.right.filter(({ isOurs }) => isOurs)
  const own = [
    ...before.own,
    ...theirs.map(each => ({
      entry: each.path.join('.'),
      was: JSON.stringify(each.hook),
      fate: force ? ('replaced' as const) : ('kept' as const),
    })),
  ]
  if (first === undefined && theirs.length > 0 && !force) return E.right({ ...before, own })
  const isReplaced = force && theirs.length > 0
  const others = isReplaced ? found.right : doubles
  const left = withoutHooks({ text: before.text ?? '', isOwnFile: false }, others)
  if (E.isLeft(left)) return left
  const text = before.text && left.right.text
  const limits: JsonObject = entry.matcher === undefined ? {} : { matcher: entry.matcher }
  const element = shape === 'flat' ? hook : { ...limits, hooks: [hook] }
  const edited =
    text === undefined || first === undefined || isReplaced
      ? appendTo(text, ['hooks', entry.event], element, root)
      : putFields(text, first.path, hook)
  return E.map((written: string): Edited => ({ text: written, own }))(edited)
}

const removeHooks = (
  before: Removed,
  agent: HookAgent,
  entry: HookEntry,
  root: JsonObject,
): E.Either<string, Removed> =>
  E.chain((found: ReadonlyArray<Found>) =>
    withoutHooks(
      before,
      found.filter(({ isOurs }) => isOurs),
      root,
    ),
  )(findHooks(before.text, agent, entry))

/** Without these hooks, the last of them first, so that the places of the others stay true. */
const withoutHooks = (before: Removed, hooks: ReadonlyArray<Found>, root?: JsonObject): E.Either<string, Removed> => {
  let edited: E.Either<string, Removed> = E.right(before)
  for (const each of [...hooks].sort(byPlace).reverse())
    if (E.isRight(edited)) edited = removeAt(edited.right.text, placeOf(each), root)
  return edited
}

const byPlace = (one: Found, other: Found): number => {
  const depth = one.path.findIndex((step, at) => step !== other.path[at])
  return Number(one.path[depth] ?? 0) - Number(other.path[depth] ?? 0)
}

/** The hooks of an event that run this program, whichever way it was started when they were written. */
const findHooks = (
  text: string,
  agent: HookAgent,
  { event, matcher }: HookEntry,
): E.Either<string, ReadonlyArray<Found>> => {
  const list = valueAt(text, ['hooks', event])
  if (E.isLeft(list)) return list
  if (list.right === undefined) return E.right([])
  if (!Array.isArray(list.right)) return E.left(`hooks.${event} is no list`)
  const found = (hook: JsonValue, path: Path, group?: JsonValue): ReadonlyArray<Found> => {
    const command = fieldOf(hook, 'command')
    if (typeof command !== 'string' || !runsPrime.test(command)) return []
    const isOurs = isWrittenBySetup(command, agent) && (group === undefined || fieldOf(group, 'matcher') === matcher)
    const inGroup = fieldOf(group, 'hooks') as ReadonlyArray<JsonValue> | undefined
    const isAlone = inGroup?.length === 1
    return [{ path, group: group === undefined ? undefined : path.slice(0, -2), isAlone, isOurs, hook }]
  }
  return E.right(
    (list.right as ReadonlyArray<JsonValue>).flatMap((each, index): ReadonlyArray<Found> => {
      const path = ['hooks', event, index]
      const group = fieldOf(each, 'hooks')
      if (!Array.isArray(group)) return found(each, path)
      return (group as ReadonlyArray<JsonValue>).flatMap((hook, at) => found(hook, [...path, 'hooks', at], each))
    }),
  )
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
