import type { Command } from 'commander'
import {
  candidateKinds,
  candidateTasks,
  candidateWorkers,
  type PlaceChoice,
  toPrintable,
  type QueueQuery,
} from '@claimlog/client/unstable-internals'
import { topics } from '../help/topics.ts'
import type { CursorContext } from './cursor-context.ts'
import { summarizeTask } from './summarize-task.ts'
import { wantedTasks } from './wanted-tasks.ts'

/** A word that completes the command line, and its description. */
type Word = { readonly word: string; readonly about?: string }

/** Completions: words, or a type of name that the shell itself can complete. */
export type Suggestions =
  | { readonly _tag: 'words'; readonly words: ReadonlyArray<Word> }
  | { readonly _tag: 'files' | 'directories' | 'commands' }

/** Runs a query on the queue at `place`, or on the one that a command would find; undefined if there is none. */
export type QueryWorkspace = <A>(place: PlaceChoice, view: QueueQuery<A>) => Promise<A | undefined>

/** The completions at a cursor position in a command line of `program`. */
export const suggestWords = async (
  program: Command,
  context: CursorContext,
  queryWorkspace: QueryWorkspace,
): Promise<Suggestions> => {
  const { wants, expected, typed, command, takesDash, prefix } = context
  const toSuggestions = (words: ReadonlyArray<Word>): Suggestions => ({
    _tag: 'words',
    words: words
      .filter(({ word }) => word.startsWith(typed) && (wants === 'a flag' || takesDash || !word.startsWith('-')))
      .map(({ word, about }) => ({ word: `${prefix}${word}`, about })),
  })
  const suggestQueried = async (view: QueueQuery<ReadonlyArray<Word>>): Promise<Suggestions> =>
    // A name with control characters cannot be offered: escaped, it would be another name.
    toSuggestions(((await queryWorkspace(context.place, view)) ?? []).filter(({ word }) => toPrintable(word) === word))

  if (wants === 'a command') return toSuggestions(listCommands(program))
  if (wants === 'a flag') return toSuggestions(listFlags(command))
  if (expected?.choices !== undefined) return toSuggestions(toWords(expected.choices))
  switch (expected?.name ?? 'nothing') {
    case 'file':
      return { _tag: 'files' }
    case 'dir':
      return { _tag: 'directories' }
    case 'command':
      return { _tag: 'commands' }
    case 'topic':
      return toSuggestions([...listCommands(program), ...topicWords])
    case 'kind':
      return suggestQueried(state => toWords(candidateKinds(state, { paused: filterPaused(command) }, typed)))
    case 'worker':
      return suggestQueried(state => toWords(candidateWorkers(state, { holding: isAboutClaim(command) }, typed)))
    case 'task_id':
      return suggestQueried(queryTasks(context, typed))
    case 'task_ids':
      return suggestQueried(queryLastTask(context))
    default:
      return toSuggestions([])
  }
}

const toWords = (words: ReadonlyArray<string>): ReadonlyArray<Word> => words.map(word => ({ word }))

const topicWords: ReadonlyArray<Word> = Object.entries(topics).map(([word, about]) => ({ word, about }))

const listCommands = (program: Command): ReadonlyArray<Word> =>
  program.commands.map(command => ({ word: command.name(), about: command.description() }))

const listFlags = (command: Command): ReadonlyArray<Word> => {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].flatMap(
    ({ long, short, description }) =>
      [long, short].flatMap(word => (typeof word === 'string' ? { word, about: description } : [])),
  )
}

/** True if the command is about a claim: it takes a worker and a task. */
const isAboutClaim = ({ registeredArguments }: Command): boolean =>
  registeredArguments.some(argument => argument.name() === 'task_id')

/** True if the command is for paused kinds, false if for others, undefined if for any. */
const filterPaused = (command: Command): boolean | undefined => {
  if (command.name() === 'resume') return true
  return command.name() === 'pause' ? false : undefined
}

const queryTasks =
  ({ command, operands }: CursorContext, typed: string): QueueQuery<ReadonlyArray<Word>> =>
  (state, now) =>
    candidateTasks(state, wantedTasks(command.name(), operands), typed).map(task => ({
      word: task.id,
      about: summarizeTask(task, now),
    }))

/** The last of several ids that are separated by commas. */
const queryLastTask =
  (context: CursorContext): QueueQuery<ReadonlyArray<Word>> =>
  (state, now) => {
    const last = context.typed.lastIndexOf(',') + 1
    const [before, typed] = [context.typed.slice(0, last), context.typed.slice(last)]
    return queryTasks(context, typed)(state, now).map(({ word, about }) => ({ word: `${before}${word}`, about }))
  }
