import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { CliError } from '../problem.ts'
import type { Agent, Part, Removed, Surroundings } from './agent.ts'
import { agents } from './agents.ts'
import { planFile, type PlannedFile, stateOf } from './planned-file.ts'
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
): E.Either<CliError, SetUp> => {
  const planned = plan(agent, project, surroundings, mode === 'remove' ? 'remove' : 'put')
  if (E.isLeft(planned)) return planned
  const { right: files } = planned
  if (mode !== 'tell') {
    const written = writeFiles(project, files)
    if (E.isLeft(written)) return written
  }
  return E.right({
    agent,
    files: files
      .filter(file => mode !== 'remove' || file.before !== undefined)
      .map(file => ({ path: file.path, state: stateOf(file), content: file.after })),
    notes: mode === 'remove' ? files.filter(({ isLeftEmpty }) => isLeftEmpty).map(leftEmpty) : agent.notes,
  })
}

const leftEmpty = ({ path }: PlannedFile): string =>
  `${path} stays, with nothing of claimlog in it: git tracks it, or a link leads to it.`

/** Every agent, and how it stands in the project's folder. */
export const survey = (project: string, home: string, surroundings: Surroundings): ReadonlyArray<Standing> =>
  agents.map(agent => {
    const { name, title, signs } = agent
    const files = [...new Set(agent.parts.map(({ path }) => path))]
    const isThere = (folder: string) => (sign: string) => existsSync(join(folder, sign))
    const used = signs.project.some(isThere(project)) ? 'here' : signs.home.some(isThere(home)) ? 'by_you' : 'no'
    const put = plan(agent, project, surroundings, 'put')
    const remove = plan(agent, project, surroundings, 'remove')
    const told = { agent: name, title, used, files } as const
    if (E.isLeft(put)) return { ...told, set_up: 'unreadable', problem: detailOf(put.left) }
    if (isUnchanged(put.right)) return { ...told, set_up: 'yes' }
    return { ...told, set_up: E.isRight(remove) && isUnchanged(remove.right) ? 'no' : 'partly' }
  })

const isUnchanged = (files: ReadonlyArray<PlannedFile>): boolean => files.every(file => stateOf(file) === 'unchanged')

const detailOf = (error: CliError): string =>
  'detail' in error && typeof error.detail === 'string' ? error.detail : ''

const plan = (
  agent: Agent,
  project: string,
  surroundings: Surroundings,
  what: 'put' | 'remove',
): E.Either<CliError, ReadonlyArray<PlannedFile>> => {
  const files: Array<PlannedFile> = []
  for (const path of new Set(agent.parts.map(part => part.path))) {
    const parts = agent.parts.filter(part => part.path === path)
    const planned = planFile(project, path, text =>
      what === 'put' ? put(parts, text, surroundings) : remove(parts, text),
    )
    if (E.isLeft(planned)) return planned
    files.push(planned.right)
  }
  return E.right(files)
}

const put = (
  parts: ReadonlyArray<Part>,
  text: string | undefined,
  surroundings: Surroundings,
): E.Either<string, Removed | undefined> => {
  let edited: E.Either<string, string | undefined> = E.right(text)
  for (const part of parts) if (E.isRight(edited)) edited = part.put(edited.right, surroundings)
  return E.map((written: string | undefined) =>
    written === undefined ? undefined : { text: written, isOwnFile: false },
  )(edited)
}

const remove = (parts: ReadonlyArray<Part>, text: string | undefined): E.Either<string, Removed | undefined> => {
  if (text === undefined) return E.right(undefined)
  let edited: E.Either<string, Removed> = E.right({ text, isOwnFile: false })
  for (const part of [...parts].reverse())
    if (E.isRight(edited) && !edited.right.isOwnFile) edited = part.remove(edited.right.text)
  return edited
}
