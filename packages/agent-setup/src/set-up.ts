import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isSameFile } from '@claimlog/event-log-file'
import type { SetupProblem } from './setup-problem.ts'
import type { Agent, OwnEntry, Part, Put, Removed, Surroundings } from './agent.ts'
import { agents } from './agents.ts'
import { subdirectoryNote } from './find-queue.ts'
import { foldEither } from './fold-either.ts'
import { findInstructionHome, type InstructionHome } from './instruction-home.ts'
import { instructions } from './instructions.ts'
import { type Edited, planFile, type PlannedFile, stateOf } from './planned-file.ts'
import type { AgentSetupState, SetupFile } from '@claimlog/wire'
import { writeFiles } from './write-files.ts'

/** `tell`: report what would be written. */
type Mode = 'write' | 'remove' | 'tell'

/** The result for one agent; in the mode `tell`, of a dry run. */
type SetUp = {
  readonly agent: Agent
  readonly files: ReadonlyArray<SetupFile>
  /** Notes for the user. */
  readonly notes: ReadonlyArray<string>
}

/** Configures an agent in the project folder, or reverts that: all files, or none. */
export const setUp = (
  agent: Agent,
  project: string,
  surroundings: Surroundings,
  mode: Mode,
): E.Either<SetupProblem, SetUp> =>
  pipe(
    mode === 'write' && !surroundings.force && isSameFile(project, homedir())
      ? inHomeDirectory(project, agent)
      : planFiles(agent, project, surroundings, mode === 'remove' ? 'remove' : 'put'),
    E.chainFirst(({ files }) => (mode === 'tell' ? E.right(undefined) : writeFiles(project, files))),
    E.map(plan => outcomeOf(agent, project, mode, plan)),
  )

const inHomeDirectory = (homeDirectory: string, { name }: Agent): E.Either<SetupProblem, never> =>
  E.left<SetupProblem, never>({
    usage: 'bad_input',
    detail: `${homeDirectory} is your home directory, where agents read files for all your projects; nothing was written`,
    hint: `cd to the project first, or write them here with claimlog setup ${name} --force`,
  })

const outcomeOf = (agent: Agent, project: string, mode: Mode, { files, home }: Plan): SetUp => {
  const putNotes = () => [
    ...files.flatMap(file => file.own.map(each => ownEntryNote(file, each))),
    ...homeNote(home),
    ...(mode === 'write' ? agent.notes : []),
    ...subdirectoryNote(project),
  ]
  return {
    agent,
    files: files
      .filter(file => mode !== 'remove' || file.before !== undefined)
      .map(file => ({ path: file.path, state: stateOf(file), content: file.after })),
    notes: mode === 'remove' ? files.filter(({ isLeftEmpty }) => isLeftEmpty).map(leftEmpty) : putNotes(),
  }
}

const leftEmpty = ({ path }: PlannedFile): string =>
  `${path} is kept, without claimlog's configuration: git tracks it, or a link points to it.`

const ownEntryNote = ({ path }: PlannedFile, { entry, was, fate }: OwnEntry): string =>
  fate === 'replaced'
    ? `${entry} in ${path} is replaced. Previous value: ${was}`
    : `${path} has your own hook that runs claimlog prime, ${entry}: it is kept, and no other is added; --force replaces it.`

const homeNote = ({ path, because }: InstructionHome): ReadonlyArray<string> =>
  because === undefined ? [] : [`The instructions are in ${path}: ${because}.`]

/** All agents, with their configuration status in the project folder. */
export const survey = (project: string, surroundings: Surroundings): ReadonlyArray<AgentSetupState> =>
  agents.map(agent => {
    const { name, title, signs } = agent
    const files = [...new Set([...agent.parts.map(({ path }) => path), findInstructionHome(project, agent).path])]
    const isThere = (folder: string) => (sign: string) => existsSync(join(folder, sign))
    const used = signs.project.some(isThere(project)) ? 'here' : signs.home.some(isThere(homedir())) ? 'by_you' : 'no'
    const removal = planFiles(agent, project, surroundings, 'remove')
    const isRemoved = E.isRight(removal) && isUnchanged(removal.right)
    const told = { agent: name, title, used, files } as const
    return pipe(
      planFiles(agent, project, surroundings, 'put'),
      E.matchW(
        ({ detail }): AgentSetupState => ({ ...told, set_up: 'unreadable', problem: detail }),
        (plan): AgentSetupState => ({ ...told, set_up: isUnchanged(plan) ? 'yes' : isRemoved ? 'no' : 'partly' }),
      ),
    )
  })

const isUnchanged = ({ files }: Plan): boolean => files.every(file => stateOf(file) === 'unchanged')

type Plan = { readonly files: ReadonlyArray<PlannedFile>; readonly home: InstructionHome }

/** Computes the edits of all files. Writes nothing. */
const planFiles = (
  agent: Agent,
  project: string,
  surroundings: Surroundings,
  what: 'put' | 'remove',
): E.Either<SetupProblem, Plan> => {
  const home = findInstructionHome(project, agent)
  const all = [...agent.parts, instructions(home.path, agent.name)]
  const planAt = (path: string): E.Either<SetupProblem, PlannedFile> => {
    const parts = all.filter(part => part.path === path)
    return pipe(
      planFile(project, path, text => (what === 'put' ? put(parts, text, surroundings) : remove(parts, text))),
      E.chain(unlessInTheWay(agent)),
    )
  }
  return pipe(
    [...new Set(all.map(({ path }) => path))],
    E.traverseArray(planAt),
    E.map((files): Plan => ({ files: [...files, ...leftBehind(agent, project, home)], home })),
  )
}

const unlessInTheWay =
  (agent: Agent) =>
  (file: PlannedFile): E.Either<SetupProblem, PlannedFile> => {
    const inTheWay = file.own.find(({ fate }) => fate === 'in_the_way')
    return inTheWay === undefined ? E.right(file) : E.left(refusal(agent, file.path, inTheWay))
  }

const refusal = ({ name }: Agent, path: string, { entry, was }: OwnEntry): SetupProblem => ({
  usage: 'bad_input',
  detail: `${path} has an entry ${entry} that setup did not write: ${was}; nothing was changed`,
  hint: `rename that entry, or replace it: claimlog setup ${name} --force`,
})

/** Plans the removal of the block from other instruction files. Files that cannot be read are skipped. */
const leftBehind = (agent: Agent, project: string, { others }: InstructionHome): ReadonlyArray<PlannedFile> => {
  const files = new Map<string, PlannedFile>()
  for (const path of others) {
    const planned = planFile(project, path, text => remove([instructions(path, agent.name)], text))
    if (E.isRight(planned) && stateOf(planned.right) !== 'unchanged') files.set(planned.right.target, planned.right)
  }
  return [...files.values()]
}

const put = (
  parts: ReadonlyArray<Part>,
  before: string | undefined,
  surroundings: Surroundings,
): E.Either<string, Edited | undefined> => {
  type Before = { readonly text: string | undefined; readonly own: ReadonlyArray<OwnEntry> }
  const puts = parts.map(
    part =>
      ({ text, own }: Before): E.Either<string, Before> =>
        E.map((written: Put): Before => ({ text: written.text, own: [...own, ...written.own] }))(
          part.put(text, surroundings),
        ),
  )
  return pipe(
    foldEither(puts, { text: before, own: [] }),
    E.map(({ text, own }) => (text === undefined ? undefined : { text, own, isOwnFile: false })),
  )
}

const remove = (parts: ReadonlyArray<Part>, text: string | undefined): E.Either<string, Edited | undefined> => {
  if (text === undefined) return E.right(undefined)
  const removals = [...parts].reverse().map(
    part =>
      (left: Removed): E.Either<string, Removed> =>
        left.isOwnFile ? E.right(left) : part.remove(left.text),
  )
  return pipe(
    foldEither(removals, { text, isOwnFile: false }),
    E.map(left => ({ ...left, own: [] })),
  )
}
