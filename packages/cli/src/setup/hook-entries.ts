import { shellQuote } from '@claimlog/coordinator/workspace'
import * as E from 'fp-ts/lib/Either.js'
import type { HookAgent } from '../hook-answer.ts'
import type { Part, Removed, Surroundings } from './agent.ts'
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
    let edited: E.Either<string, string | undefined> = E.right(text)
    for (const [entry, flag] of [
      [start, ''],
      [compaction, ' --compaction'],
      [end, ' --open-claims'],
    ] as const) {
      if (E.isLeft(edited)) return edited
      if (entry === undefined) continue
      const command = `${primeCommand(surroundings)}${flag} --hook ${agent}`
      edited = putHook(edited.right, shape, agent, entry, entry.hook(command), root)
    }
    return E.map((written: string | undefined) => written ?? '')(edited)
  },
  remove: text => {
    let edited: E.Either<string, Removed> = E.right({ text, isOwnFile: false })
    for (const { event } of [end, ...(compaction === undefined ? [] : [compaction]), start])
      if (E.isRight(edited)) edited = removeHooks(edited.right, agent, event, root)
    return edited
  },
})

const primeCommand = ({ command, namedDir }: Surroundings): string =>
  [...command.words.map(shellQuote), 'prime', ...(namedDir === undefined ? [] : ['--dir', shellQuote(namedDir)])].join(
    ' ',
  )

/** Where in a document a hook of ours stands, and whether its group has no other. */
type Found = { readonly path: Path; readonly group: Path | undefined; readonly isAlone: boolean }

/** Where what goes with a hook stands: its group, if it has no other. */
const placeOf = ({ path, group, isAlone }: Found): Path => (isAlone && group !== undefined ? group : path)

const putHook = (
  text: string | undefined,
  shape: Hooks['shape'],
  agent: HookAgent,
  { event, matcher }: HookEntry,
  hook: JsonObject,
  root: JsonObject,
): E.Either<string, string> => {
  const found = findHooks(text ?? '', agent, event)
  if (E.isLeft(found)) return found
  const [first, ...doubles] = found.right
  const limits: JsonObject = matcher === undefined ? {} : { matcher }
  if (text === undefined || first === undefined)
    return appendTo(text, ['hooks', event], shape === 'flat' ? hook : { ...limits, hooks: [hook] }, root)
  let edited: E.Either<string, string> = E.right(text)
  for (const found of doubles.reverse())
    if (E.isRight(edited)) edited = E.map((left: Removed) => left.text)(removeAt(edited.right, placeOf(found)))
  if (E.isRight(edited)) edited = putFields(edited.right, first.path, hook)
  if (E.isLeft(edited) || first.group === undefined || !first.isAlone) return edited
  return putFields(edited.right, first.group, limits)
}

const removeHooks = (before: Removed, agent: HookAgent, event: string, root: JsonObject): E.Either<string, Removed> => {
  const found = findHooks(before.text, agent, event)
  if (E.isLeft(found)) return found
  let edited: E.Either<string, Removed> = E.right(before)
  for (const each of [...found.right].reverse())
    if (E.isRight(edited)) edited = removeAt(edited.right.text, placeOf(each), root)
  return edited
}

/** The hooks of ours among those of an event, known by what they run, whichever way this program was started then. */
const findHooks = (text: string, agent: HookAgent, event: string): E.Either<string, ReadonlyArray<Found>> => {
  const list = valueAt(text, ['hooks', event])
  if (E.isLeft(list)) return list
  if (list.right === undefined) return E.right([])
  if (!Array.isArray(list.right)) return E.left(`hooks.${event} is no list`)
  const ours = new RegExp(`claimlog.* prime .*--hook ${agent}(?:$|\\s)`)
  const isOurs = (hook: JsonValue): boolean => {
    const command = fieldOf(hook, 'command')
    return typeof command === 'string' && ours.test(command)
  }
  return E.right(
    (list.right as ReadonlyArray<JsonValue>).flatMap((each, index): ReadonlyArray<Found> => {
      const path = ['hooks', event, index]
      const group = fieldOf(each, 'hooks')
      if (!Array.isArray(group)) return isOurs(each) ? [{ path, group: undefined, isAlone: false }] : []
      const hooks = group as ReadonlyArray<JsonValue>
      return hooks.flatMap((hook, at) =>
        isOurs(hook) ? [{ path: [...path, 'hooks', at], group: path, isAlone: hooks.length === 1 }] : [],
      )
    }),
  )
}

const fieldOf = (value: JsonValue, name: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject)[name] : undefined
