import type { Command } from 'commander'
import {
  candidateKinds,
  candidateTasks,
  candidateWorkers,
  toPrintable,
  type QueueQuery,
} from '@claimlog/client/unstable-internals'
import { topics } from '../help/topics.ts'
import type { Place } from './place.ts'
import { taskInShort } from './task-in-short.ts'
import { wantedTasks } from './wanted-tasks.ts'

/** A word that completes the command line, and its description. */
type Word = { readonly word: string; readonly about?: string }

/** Completions: words, or a type of name that the shell itself can complete. */
export type Suggestions =
  | { readonly fits: 'words'; readonly words: ReadonlyArray<Word> }
  | { readonly fits: 'files' | 'directories' | 'commands' }

/** Runs a query on the workspace in `dir`, or in the one that a command would find; undefined if there is none. */
export type LookAt = <A>(dir: string | undefined, view: QueueQuery<A>) => Promise<A | undefined>

/** The completions at a cursor position in a command line of `program`. */
export const suggestionsAt = async (program: Command, place: Place, lookAt: LookAt): Promise<Suggestions> => {
  const { wants, slot, typed, command, takesDash, before } = place
  const fitting = (words: ReadonlyArray<Word>): Suggestions => ({
    fits: 'words',
    words: words
      .filter(({ word }) => word.startsWith(typed) && (wants === 'a flag' || takesDash || !word.startsWith('-')))
      .map(({ word, about }) => ({ word: `${before}${word}`, about })),
  })
  const fromWorkspace = async (view: QueueQuery<ReadonlyArray<Word>>): Promise<Suggestions> =>
    // A name with control characters cannot be offered: escaped, it would be another name.
    fitting(((await lookAt(place.dir, view)) ?? []).filter(({ word }) => toPrintable(word) === word))

  if (wants === 'a command') return fitting(commandsOf(program))
  if (wants === 'a flag') return fitting(flagsOf(command))
  if (slot?.choices !== undefined) return fitting(plain(slot.choices))
  switch (slot?.name ?? 'nothing') {
    case 'file':
      return { fits: 'files' }
    case 'dir':
      return { fits: 'directories' }
    case 'command':
      return { fits: 'commands' }
    case 'topic':
      return fitting([...commandsOf(program), ...topicsToRead])
    case 'kind':
      return fromWorkspace(state => plain(candidateKinds(state, { paused: pausedFor(command) }, typed)))
    case 'worker':
      return fromWorkspace(state => plain(candidateWorkers(state, { holding: isForHolders(command) }, typed)))
    case 'task_id':
      return fromWorkspace(tasksAt(place, typed))
    case 'task_ids':
      return fromWorkspace(moreTasksAt(place))
    default:
      return fitting([])
  }
}

const plain = (words: ReadonlyArray<string>): ReadonlyArray<Word> => words.map(word => ({ word }))

const topicsToRead: ReadonlyArray<Word> = Object.entries(topics).map(([word, about]) => ({ word, about }))

const commandsOf = (program: Command): ReadonlyArray<Word> =>
  program.commands.map(command => ({ word: command.name(), about: command.description() }))

const flagsOf = (command: Command): ReadonlyArray<Word> => {
  const help = command.createHelp()
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)].flatMap(
    ({ long, short, description }) =>
      [long, short].flatMap(word => (typeof word === 'string' ? { word, about: description } : [])),
  )
}

/** True if the command is about a claim: it takes a worker and a task. */
const isForHolders = ({ registeredArguments }: Command): boolean =>
  registeredArguments.some(argument => argument.name() === 'task_id')

/** True if the command is for paused kinds, false if for others, undefined if for any. */
const pausedFor = (command: Command): boolean | undefined => {
  if (command.name() === 'resume') return true
  return command.name() === 'pause' ? false : undefined
}

const tasksAt =
  ({ command, operands }: Place, typed: string): QueueQuery<ReadonlyArray<Word>> =>
  (state, now) =>
    candidateTasks(state, wantedTasks(command.name(), operands), typed).map(task => ({
      word: task.id,
      about: taskInShort(task, now),
    }))

/** The last of several ids that are separated by commas. */
const moreTasksAt =
  (place: Place): QueueQuery<ReadonlyArray<Word>> =>
  (state, now) => {
    const last = place.typed.lastIndexOf(',') + 1
    const [before, typed] = [place.typed.slice(0, last), place.typed.slice(last)]
    return tasksAt(place, typed)(state, now).map(({ word, about }) => ({ word: `${before}${word}`, about }))
  }
