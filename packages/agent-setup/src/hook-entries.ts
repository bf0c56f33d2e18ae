import { isAbsolute } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { shellQuote } from '@claimlog/messages'
import type { HookAgent } from './hook-answer.ts'
import type { ConfigEdit, AppliedEdit, RemovedEdit, SetupContext } from './agent.ts'
import { quoteFlags } from './claimlog-command.ts'
import { foldEither } from './fold-either.ts'
import { appendElement, type JsonPath, setFields, removeValue, readValue } from './json-file.ts'
import type { JsonTextObject, JsonValue } from './json-text.ts'

/** A hook of an event in an agent's file; `matcher` is set on its group, if hooks are grouped. */
type HookEntry = {
  readonly event: string
  readonly matcher?: string
  readonly hook: (command: string) => JsonTextObject
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
  readonly root?: JsonTextObject
}

/** Creates the edit that adds the hooks of an agent to a JSON file of the project. */
export const hookEntries = (path: string, { agent, shape, start, end, compaction, root = {} }: Hooks): ConfigEdit => {
  const entries: ReadonlyArray<readonly [HookEntry, string]> = [
    [start, ''],
    ...(compaction === undefined ? [] : [[compaction, ' --compaction'] as const]),
    [end, ' --open-claims'],
  ]
  return {
    path,
    apply: (text, context) => {
      const edits = entries.map(([entry, flag]) => {
        const command = `${primeCommand(context)}${flag} --hook ${agent}`
        return applyHook({ shape, agent, root }, entry, entry.hook(command), context.force)
      })
      return E.map(toAppliedEdit)(foldEither(edits, { text, userEntries: [] }))
    },
    remove: text =>
      foldEither(
        [...entries].reverse().map(([entry]) => removeHooks(agent, entry, root)),
        { text, isCreatedBySetup: false },
      ),
  }
}

/** The file after the events that are already processed; `text` undefined: there is no file yet. */
type HookEditState = { readonly text: string | undefined; readonly userEntries: AppliedEdit['userEntries'] }

const toAppliedEdit = ({ text = '', userEntries }: HookEditState): AppliedEdit => ({ text, userEntries })

const primeCommand = ({ command, queueFlags }: SetupContext): string =>
  [...command.words.map(shellQuote), 'prime', ...quoteFlags(queueFlags)].join(' ')

/** A hook that runs claimlog. `isAlone`: its group has no other hook; `isFromSetup`: setup wrote it. */
type FoundHook = {
  readonly path: JsonPath
  readonly group: JsonPath | undefined
  readonly isAlone: boolean
  readonly isFromSetup: boolean
  readonly hook: JsonValue
}

/** The path to remove with a hook: its group if the hook is the only one in it. */
const removalPath = ({ path, group, isAlone }: FoundHook): JsonPath => (isAlone && group !== undefined ? group : path)

/** The changes to the hooks of one event. */
type HookPlan = {
  /** A hook of the user already runs claimlog and is kept. */
  readonly hasUserHook: boolean
  /** The hook of setup that gets the current command; undefined: a new hook is added. */
  readonly hookToUpdate: FoundHook | undefined
  readonly hooksToRemove: ReadonlyArray<FoundHook>
  readonly userEntries: AppliedEdit['userEntries']
}

const planHook =
  (force: boolean) =>
  (hooks: ReadonlyArray<FoundHook>): HookPlan => {
    const userHooks = hooks.filter(({ isFromSetup }) => !isFromSetup)
    const [first, ...duplicates] = hooks.filter(({ isFromSetup }) => isFromSetup)
    const isReplaced = force && userHooks.length > 0
    return {
      hasUserHook: first === undefined && userHooks.length > 0 && !force,
      hookToUpdate: isReplaced ? undefined : first,
      hooksToRemove: isReplaced ? hooks : duplicates,
      userEntries: userHooks.map(({ path, hook }) => ({
        entry: path.join('.'),
        value: JSON.stringify(hook),
        outcome: force ? 'replaced' : 'kept',
      })),
    }
  }

type HookShape = Required<Pick<Hooks, 'shape' | 'agent' | 'root'>>

const applyHook =
  (hooks: HookShape, entry: HookEntry, hook: JsonTextObject, force: boolean) =>
  (previous: HookEditState): E.Either<string, HookEditState> =>
    pipe(
      findHooks(previous.text ?? '', hooks.agent, entry),
      E.map(planHook(force)),
      E.chain(removePlanned(previous)),
      E.chain(writePlanned(hooks, entry, hook)),
    )

/** Removes the planned hooks from a file and passes the plan on. */
const removePlanned =
  (previous: HookEditState) =>
  (plan: HookPlan): E.Either<string, HookEditState & { readonly plan: HookPlan }> =>
    pipe(
      removeHookList({ text: previous.text ?? '', isCreatedBySetup: false }, plan.hooksToRemove),
      E.map(({ text }) => ({
        text: previous.text && text,
        userEntries: [...previous.userEntries, ...plan.userEntries],
        plan,
      })),
    )

const writePlanned =
  ({ shape, root }: HookShape, entry: HookEntry, hook: JsonTextObject) =>
  ({ text, userEntries, plan }: HookEditState & { readonly plan: HookPlan }): E.Either<string, HookEditState> => {
    if (plan.hasUserHook) return E.right({ text, userEntries })
    const matcherField: JsonTextObject = entry.matcher === undefined ? {} : { matcher: entry.matcher }
    const element = shape === 'flat' ? hook : { ...matcherField, hooks: [hook] }
    const written =
      text === undefined || plan.hookToUpdate === undefined
        ? appendElement(text, ['hooks', entry.event], element, root)
        : setFields(text, plan.hookToUpdate.path, hook)
    return E.map((edited: string): HookEditState => ({ text: edited, userEntries }))(written)
  }

const removeHooks =
  (agent: HookAgent, entry: HookEntry, root: JsonTextObject) =>
  (previous: RemovedEdit): E.Either<string, RemovedEdit> =>
    pipe(
      findHooks(previous.text, agent, entry),
      E.map(hooks => hooks.filter(({ isFromSetup }) => isFromSetup)),
      E.chain(setupHooks => removeHookList(previous, setupHooks, root)),
    )

/** Removes hooks, the last one first, so that the paths of the others stay valid. */
const removeHookList = (
  previous: RemovedEdit,
  hooks: ReadonlyArray<FoundHook>,
  root?: JsonTextObject,
): E.Either<string, RemovedEdit> => {
  const lastFirst = [...hooks].sort(compareHookPaths).reverse()
  return foldEither(
    lastFirst.map(
      each =>
        ({ text }: RemovedEdit) =>
          removeValue(text, removalPath(each), root),
    ),
    previous,
  )
}

const compareHookPaths = (one: FoundHook, other: FoundHook): number => {
  const depth = one.path.findIndex((step, index) => step !== other.path[index])
  return Number(one.path[depth] ?? 0) - Number(other.path[depth] ?? 0)
}

/** Finds the hooks of an event that run claimlog, by any path. */
const findHooks = (text: string, agent: HookAgent, entry: HookEntry): E.Either<string, ReadonlyArray<FoundHook>> =>
  pipe(
    readValue(text, ['hooks', entry.event]),
    E.chain(toList(`hooks.${entry.event}`)),
    E.map(list => list.flatMap((each, index) => listHooks(each, ['hooks', entry.event, index], agent, entry))),
  )

const toList =
  (pathText: string) =>
  (value: JsonValue | undefined): E.Either<string, ReadonlyArray<JsonValue>> => {
    if (value === undefined) return E.right([])
    return Array.isArray(value) ? E.right(value as ReadonlyArray<JsonValue>) : E.left(`${pathText} is not a list`)
  }

/** Finds the hooks that run claimlog in an element of an event's list, which is a hook or a group of hooks. */
const listHooks = (
  element: JsonValue,
  path: JsonPath,
  agent: HookAgent,
  { matcher }: HookEntry,
): ReadonlyArray<FoundHook> => {
  const group = readField(element, 'hooks')
  if (!Array.isArray(group))
    return matchHook(element, path, agent, { group: undefined, isAlone: false, isMatching: true })
  const hookGroup = { group: path, isAlone: group.length === 1, isMatching: readField(element, 'matcher') === matcher }
  return (group as ReadonlyArray<JsonValue>).flatMap((hook, index) =>
    matchHook(hook, [...path, 'hooks', index], agent, hookGroup),
  )
}

type HookGroup = Pick<FoundHook, 'group' | 'isAlone'> & {
  /** True if the group has the matcher that setup writes. */
  readonly isMatching: boolean
}

const matchHook = (
  hook: JsonValue,
  path: JsonPath,
  agent: HookAgent,
  { group, isAlone, isMatching }: HookGroup,
): ReadonlyArray<FoundHook> => {
  const command = readField(hook, 'command')
  if (typeof command !== 'string' || !primeCommandPattern.test(command)) return []
  return [{ path, group, isAlone, isFromSetup: isMatching && isWrittenBySetup(command, agent), hook }]
}

/** Matches any command that runs `claimlog prime`. */
const primeCommandPattern = /claimlog(?:\.c?js|\.cmd|\.exe)?['"]?\s(?:.*\s)?prime(?:\s|$)/

/** True if setup wrote a command, from any installation. One with a worker, kinds or another flag is the user's. */
const isWrittenBySetup = (command: string, agent: HookAgent): boolean => {
  const [first = '', ...rest] = shellWords(command) ?? []
  // Either the name of the program, or the paths of node and the script.
  const words =
    isAbsolute(first) && programPattern.test(rest[0] ?? '') ? rest.slice(1) : programPattern.test(first) ? rest : []
  const flags = words[1] === '--dir' || words[1] === '--log' ? words.slice(3) : words.slice(1)
  const event = flags.filter(word => word === '--compaction' || word === '--open-claims')
  return words[0] === 'prime' && isDeepStrictEqual(flags, [...event.slice(0, 1), '--hook', agent])
}

const programPattern = /(?:^|[\\/])claimlog(?:\.c?js|\.cmd|\.exe)?$/

/** Splits a command into words; undefined: it uses shell syntax other than quotes. */
const shellWords = (command: string): ReadonlyArray<string> | undefined => {
  if (!/^(?:[\w@%+=:,./ -]|'[^']*'|\\')*$/.test(command)) return undefined
  const words = command.match(/(?:[^\s'\\]|'[^']*'|\\')+/g) ?? []
  return words.map(word => word.replace(/'([^']*)'|\\'/g, (_, quoted?: string) => quoted ?? "'"))
}

const readField = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonTextObject)[name] : undefined
