import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { isSameFile } from '@claimlog/event-log-file'
import type { SetupFailure } from './setup-failure.ts'
import type { Agent, UserEntry, ConfigEdit, RemovedEdit, SetupContext } from './agent.ts'
import { agents } from './agents.ts'
import { subdirectoryNote } from './find-queue.ts'
import { foldEither } from './fold-either.ts'
import { findInstructionFile, type InstructionTarget } from './instruction-file.ts'
import { instructionEdit } from './instructions.ts'
import { type EditedContent, planFile, type FilePlan, fileState } from './file-plan.ts'
import type { AgentSetupState, SetupFile } from '@claimlog/wire'
import { writeFiles } from './write-files.ts'

/** `preview`: report what would be written. */
type SetupMode = 'write' | 'remove' | 'preview'

/** The result for one agent; in the mode `preview`, of a dry run. */
type SetupResult = {
  readonly agent: Agent
  readonly files: ReadonlyArray<SetupFile>
  /** Notes for the user. */
  readonly notes: ReadonlyArray<string>
}

/** Configures an agent in the project folder, or reverts that: all files, or none. */
export const setupAgent = (
  agent: Agent,
  project: string,
  context: SetupContext,
  mode: SetupMode,
): E.Either<SetupFailure, SetupResult> =>
  pipe(
    mode === 'write' && !context.force && isSameFile(project, homedir())
      ? rejectHomeDirectory(project, agent)
      : planFiles(agent, project, context, mode === 'remove' ? 'remove' : 'apply'),
    E.chainFirst(({ files }) => (mode === 'preview' ? E.right(undefined) : writeFiles(project, files))),
    E.map(plan => toResult(agent, project, mode, plan)),
  )

const rejectHomeDirectory = (homeDirectory: string, { name }: Agent): E.Either<SetupFailure, never> =>
  E.left<SetupFailure, never>({
    usage: 'bad_input',
    detail: `${homeDirectory} is your home directory, where agents read files for all your projects; nothing was written`,
    hint: `cd to the project first, or write them here with claimlog setup ${name} --force`,
  })

const toResult = (
  agent: Agent,
  project: string,
  mode: SetupMode,
  { files, instructionTarget }: SetupPlan,
): SetupResult => {
  const setupNotes = () => [
    ...files.flatMap(file => file.userEntries.map(each => userEntryNote(file, each))),
    ...instructionNote(instructionTarget),
    ...(mode === 'write' ? agent.notes : []),
    ...subdirectoryNote(project),
  ]
  return {
    agent,
    files: files
      .filter(file => mode !== 'remove' || file.before !== undefined)
      .map(file => ({ path: file.path, state: fileState(file), content: file.after })),
    notes: mode === 'remove' ? files.filter(({ isKeptEmpty }) => isKeptEmpty).map(keptEmptyNote) : setupNotes(),
  }
}

const keptEmptyNote = ({ path }: FilePlan): string =>
  `${path} is kept, without claimlog's configuration: git tracks it, or a link points to it.`

const userEntryNote = ({ path }: FilePlan, { entry, value, outcome }: UserEntry): string =>
  outcome === 'replaced'
    ? `${entry} in ${path} is replaced. Previous value: ${value}`
    : `${path} has your own hook that runs claimlog prime, ${entry}: it is kept, and no other is added; --force replaces it.`

const instructionNote = ({ path, reason }: InstructionTarget): ReadonlyArray<string> =>
  reason === undefined ? [] : [`The instructions are in ${path}: ${reason}.`]

/** All agents, with their configuration status in the project folder. */
export const detectAgents = (project: string, context: SetupContext): ReadonlyArray<AgentSetupState> =>
  agents.map(agent => {
    const { name, title, detectPaths } = agent
    const files = [...new Set([...agent.edits.map(({ path }) => path), findInstructionFile(project, agent).path])]
    const existsInFolder = (folder: string) => (relativePath: string) => existsSync(join(folder, relativePath))
    const used = detectPaths.project.some(existsInFolder(project))
      ? 'here'
      : detectPaths.home.some(existsInFolder(homedir()))
        ? 'by_you'
        : 'no'
    const removal = planFiles(agent, project, context, 'remove')
    const isRemoved = E.isRight(removal) && isUnchanged(removal.right)
    const summary = { agent: name, title, used, files } as const
    return pipe(
      planFiles(agent, project, context, 'apply'),
      E.matchW(
        ({ detail }): AgentSetupState => ({ ...summary, setUp: 'unreadable', problem: detail }),
        (plan): AgentSetupState => ({ ...summary, setUp: isUnchanged(plan) ? 'yes' : isRemoved ? 'no' : 'partly' }),
      ),
    )
  })

const isUnchanged = ({ files }: SetupPlan): boolean => files.every(file => fileState(file) === 'unchanged')

type SetupPlan = { readonly files: ReadonlyArray<FilePlan>; readonly instructionTarget: InstructionTarget }

/** Computes the edits of all files. Writes nothing. */
const planFiles = (
  agent: Agent,
  project: string,
  context: SetupContext,
  action: 'apply' | 'remove',
): E.Either<SetupFailure, SetupPlan> => {
  const instructionTarget = findInstructionFile(project, agent)
  const allEdits = [...agent.edits, instructionEdit(instructionTarget.path, agent.name)]
  const planPath = (path: string): E.Either<SetupFailure, FilePlan> => {
    const edits = allEdits.filter(edit => edit.path === path)
    return pipe(
      planFile(project, path, text =>
        action === 'apply' ? applyEdits(edits, text, context) : removeEdits(edits, text),
      ),
      E.chain(rejectConflict(agent)),
    )
  }
  return pipe(
    [...new Set(allEdits.map(({ path }) => path))],
    E.traverseArray(planPath),
    E.map((files): SetupPlan => ({
      files: [...files, ...planStaleBlocks(agent, project, instructionTarget)],
      instructionTarget,
    })),
  )
}

const rejectConflict =
  (agent: Agent) =>
  (file: FilePlan): E.Either<SetupFailure, FilePlan> => {
    const conflict = file.userEntries.find(({ outcome }) => outcome === 'conflict')
    return conflict === undefined ? E.right(file) : E.left(conflictFailure(agent, file.path, conflict))
  }

const conflictFailure = ({ name }: Agent, path: string, { entry, value }: UserEntry): SetupFailure => ({
  usage: 'bad_input',
  detail: `${path} has an entry ${entry} that setup did not write: ${value}; nothing was changed`,
  hint: `rename that entry, or replace it: claimlog setup ${name} --force`,
})

/** Plans the removal of the block from other instruction files. Files that cannot be read are skipped. */
const planStaleBlocks = (agent: Agent, project: string, { others }: InstructionTarget): ReadonlyArray<FilePlan> => {
  const files = new Map<string, FilePlan>()
  for (const path of others) {
    const planned = planFile(project, path, text => removeEdits([instructionEdit(path, agent.name)], text))
    if (E.isRight(planned) && fileState(planned.right) !== 'unchanged') files.set(planned.right.target, planned.right)
  }
  return [...files.values()]
}

const applyEdits = (
  edits: ReadonlyArray<ConfigEdit>,
  before: string | undefined,
  context: SetupContext,
): E.Either<string, EditedContent | undefined> => {
  type EditState = { readonly text: string | undefined; readonly userEntries: ReadonlyArray<UserEntry> }
  const applications = edits.map(
    edit =>
      ({ text, userEntries }: EditState): E.Either<string, EditState> =>
        pipe(
          edit.apply(text, context),
          E.map((applied): EditState => ({
            text: applied.text,
            userEntries: [...userEntries, ...applied.userEntries],
          })),
        ),
  )
  return pipe(
    foldEither(applications, { text: before, userEntries: [] }),
    E.map(({ text, userEntries }) => (text === undefined ? undefined : { text, userEntries, isCreatedBySetup: false })),
  )
}

const removeEdits = (
  edits: ReadonlyArray<ConfigEdit>,
  text: string | undefined,
): E.Either<string, EditedContent | undefined> => {
  if (text === undefined) return E.right(undefined)
  const removals = [...edits].reverse().map(
    edit =>
      (remaining: RemovedEdit): E.Either<string, RemovedEdit> =>
        remaining.isCreatedBySetup ? E.right(remaining) : edit.remove(remaining.text),
  )
  return pipe(
    foldEither(removals, { text, isCreatedBySetup: false }),
    E.map(remaining => ({ ...remaining, userEntries: [] })),
  )
}
