import type { Command } from 'commander'
import {
  candidateKinds,
  candidateTasks,
  candidateWorkers,
  printable,
  type QueueQuery,
} from '@claimlog/client/unstable-internals'
import { topics } from '../help/topics.ts'
import type { Place } from './place.ts'
import { taskInShort } from './task-in-short.ts'
import { wantedTasks } from './wanted-tasks.ts'

/** A word that would fit, and what it is. */
type Word = { readonly word: string; readonly about?: string }

/** What would fit: words, or what the shell knows better. */
export type Suggestions =
  | { readonly fits: 'words'; readonly words: ReadonlyArray<Word> }
  | { readonly fits: 'files' | 'directories' | 'commands' }

/** Shows `view` the workspace in `dir`, or where none is named the one that a command would find; undefined: there is none. */
export type LookAt = <A>(dir: string | undefined, view: QueueQuery<A>) => Promise<A | undefined>

/** What would fit at a place in a command line of `program`. */
export const suggestionsAt = async (program: Command, place: Place, lookAt: LookAt): Promise<Suggestions> => {
  const { wants, slot, typed, command, takesDash, before } = place
  const fitting = (words: ReadonlyArray<Word>): Suggestions => ({
    fits: 'words',
    words: words
      .filter(({ word }) => word.startsWith(typed) && (wants === 'a flag' || takesDash || !word.startsWith('-')))
      .map(({ word, about }) => ({ word: `${before}${word}`, about })),
  })
  const fromWorkspace = async (view: QueueQuery<ReadonlyArray<Word>>): Promise<Suggestions> =>
    // A name that cannot be seen as it is cannot be offered: escaped, it would be another one.
    fitting(((await lookAt(place.dir, view)) ?? []).filter(({ word }) => printable(word) === word))

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

/** Whether a command speaks of a claim: it names a worker and a task. */
const isForHolders = ({ registeredArguments }: Command): boolean =>
  registeredArguments.some(argument => argument.name() === 'task_id')

/** Whether a command is for kinds that are paused; undefined: it is for any. */
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
