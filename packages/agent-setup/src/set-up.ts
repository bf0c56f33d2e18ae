import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { SetupProblem } from './setup-problem.ts'
import type { Agent, OwnEntry, Part, Removed, Surroundings } from './agent.ts'
import { agents } from './agents.ts'
import { findInstructionHome, type InstructionHome } from './instruction-home.ts'
import { instructions } from './instructions.ts'
import { type Edited, planFile, type PlannedFile, stateOf } from './planned-file.ts'
import type { FileState, Standing } from './views.ts'
import { writeFiles } from './write-files.ts'

/** What to do: write, take away, or only tell what writing would come to. */
export type Mode = 'write' | 'remove' | 'tell'

/** What became of the files of one agent, or would. */
export type SetUp = {
  readonly agent: Agent
  readonly files: ReadonlyArray<{ readonly path: string; readonly state: FileState; readonly content?: string }>
  /** What a person is to know about it. */
  readonly notes: ReadonlyArray<string>
}

/** Sets an agent up in the project's folder, or takes that away again: all files, or none. */
export const setUp = (
  agent: Agent,
  project: string,
  surroundings: Surroundings,
  mode: Mode,
): E.Either<SetupProblem, SetUp> => {
  const planned = plan(agent, project, surroundings, mode === 'remove' ? 'remove' : 'put')
  if (E.isLeft(planned)) return planned
  const { files, home } = planned.right
  if (mode !== 'tell') {
    const written = writeFiles(project, files)
    if (E.isLeft(written)) return written
  }
  const notes =
    mode === 'remove'
      ? files.filter(({ isLeftEmpty }) => isLeftEmpty).map(leftEmpty)
      : [...files.flatMap(file => file.own.map(each => ownEntryNote(file, each))), ...homeNote(home)]
  return E.right({
    agent,
    files: files
      .filter(file => mode !== 'remove' || file.before !== undefined)
      .map(file => ({ path: file.path, state: stateOf(file), content: file.after })),
    notes: mode === 'write' ? [...notes, ...agent.notes] : notes,
  })
}

const leftEmpty = ({ path }: PlannedFile): string =>
  `${path} stays, with nothing of claimlog in it: git tracks it, or a link leads to it.`

const ownEntryNote = ({ path }: PlannedFile, { entry, was, fate }: OwnEntry): string =>
  fate === 'replaced'
    ? `${entry} of ${path} is replaced. It was: ${was}`
    : `${path} has a hook of your own that runs claimlog prime, ${entry}: it stays, and no other is added; --force replaces it.`

const homeNote = ({ path, because }: InstructionHome): ReadonlyArray<string> =>
  because === undefined ? [] : [`The instructions are in ${path}: ${because}.`]

/** Every agent, and how it stands in the project's folder. */
export const survey = (project: string, home: string, surroundings: Surroundings): ReadonlyArray<Standing> =>
  agents.map(agent => {
    const { name, title, signs } = agent
    const files = [...new Set([...agent.parts.map(({ path }) => path), findInstructionHome(project, agent).path])]
    const isThere = (folder: string) => (sign: string) => existsSync(join(folder, sign))
    const used = signs.project.some(isThere(project)) ? 'here' : signs.home.some(isThere(home)) ? 'by_you' : 'no'
    const put = plan(agent, project, surroundings, 'put')
    const remove = plan(agent, project, surroundings, 'remove')
    const told = { agent: name, title, used, files } as const
    if (E.isLeft(put)) return { ...told, set_up: 'unreadable', problem: detailOf(put.left) }
    if (isUnchanged(put.right)) return { ...told, set_up: 'yes' }
    return { ...told, set_up: E.isRight(remove) && isUnchanged(remove.right) ? 'no' : 'partly' }
  })

const isUnchanged = ({ files }: Plan): boolean => files.every(file => stateOf(file) === 'unchanged')

const detailOf = (error: SetupProblem): string =>
  'detail' in error && typeof error.detail === 'string' ? error.detail : ''

type Plan = { readonly files: ReadonlyArray<PlannedFile>; readonly home: InstructionHome }

/** All files as they shall be; nothing is written. */
const plan = (
  agent: Agent,
  project: string,
  surroundings: Surroundings,
  what: 'put' | 'remove',
): E.Either<SetupProblem, Plan> => {
  const home = findInstructionHome(project, agent)
  const all = [...agent.parts, instructions(home.path, agent.name)]
  const files: Array<PlannedFile> = []
  for (const path of new Set(all.map(part => part.path))) {
    const parts = all.filter(part => part.path === path)
    const planned = planFile(project, path, text =>
      what === 'put' ? put(parts, text, surroundings) : remove(parts, text),
    )
    if (E.isLeft(planned)) return planned
    const inTheWay = planned.right.own.find(({ fate }) => fate === 'in_the_way')
    if (inTheWay !== undefined) return E.left(refusal(agent, path, inTheWay))
    files.push(planned.right)
  }
  return E.right({ files: [...files, ...leftBehind(agent, project, home)], home })
}

const refusal = ({ name }: Agent, path: string, { entry, was }: OwnEntry): SetupProblem => ({
  usage: 'bad_input',
  detail: `${path} has an entry ${entry} that set-up did not write: ${was}; nothing was changed`,
  mend: `give that another name, or have it replaced: claimlog setup ${name} --force`,
})

/** The section in files that are no longer, or never were, where the agent finds it; what cannot be read has none. */
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
  let text = before
  const own: Array<OwnEntry> = []
  for (const part of parts) {
    const edited = part.put(text, surroundings)
    if (E.isLeft(edited)) return edited
    text = edited.right.text
    own.push(...edited.right.own)
  }
  return E.right(text === undefined ? undefined : { text, own, isOwnFile: false })
}

const remove = (parts: ReadonlyArray<Part>, text: string | undefined): E.Either<string, Edited | undefined> => {
  if (text === undefined) return E.right(undefined)
  let edited: E.Either<string, Removed> = E.right({ text, isOwnFile: false })
  for (const part of [...parts].reverse())
    if (E.isRight(edited) && !edited.right.isOwnFile) edited = part.remove(edited.right.text)
  return E.map((left: Removed): Edited => ({ ...left, own: [] }))(edited)
}
