import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { Argument, type Command, Option } from 'commander'
import { checkoutOf, defaultDirName, findWorkspace, workingDirectory } from '@claimlog/discovery'
import { logFileName } from '@claimlog/event-log-file'
import { type CliError, problemOf } from '../problem.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import type { Settings } from '../session.ts'
import type { QueueView, SetupView } from '@claimlog/agent-setup'

declare const __dirname: string

type Options = { readonly check?: true; readonly print?: true; readonly remove?: true; readonly force?: true }

/** The names of the agents, where help and completions have them without loading what set-up needs. */
const agentNames = ['claude-code', 'codex', 'cursor', 'gemini', 'vscode', 'agents-md']

export const setup = (program: Command): void => {
  program
    .command('setup')
    .addArgument(
      new Argument('[agent]', 'the agent to set up in this folder (default: tell which are)').choices(agentNames),
    )
    .description('set a coding agent up in this project: its MCP server, its hooks, a section in its instructions')
    .option('--check', 'write nothing; exit code 6: something is missing, or not as it should be')
    .addOption(new Option('--print', 'write nothing; print what would be written where').conflicts('check'))
    .addOption(
      new Option('--remove', 'take away what setup wrote; a file of before is as it was').conflicts(['check', 'print']),
    )
    .addOption(
      new Option(
        '--force',
        'replace an entry named claimlog that is your own, and say what it was; write in the home directory too',
      ).conflicts('remove'),
    )
    .action(async (agent: string | undefined, _options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('people', settings.json === true, await setUpAsAsked(agent, settings))
    })
}

const setUpAsAsked = async (
  name: string | undefined,
  settings: Options & Settings,
): Promise<E.Either<CliError, Output>> => {
  const { agents, ownCommand, setUp, survey } = await import('@claimlog/agent-setup')
  const { renderSetUp, renderSurvey } = await import('../render/index.ts')
  const project = workingDirectory()
  if (project === undefined) return E.left({ failure: 'NoWorkingDirectory' })
  const queue = findQueue(settings.dir)
  const isQueueHere = queue.workspace === join(project, defaultDirName)
  const surroundings = {
    command: ownCommand(join(dirname(__dirname), 'bin', 'claimlog.cjs')),
    namedDir: settings.dir === undefined ? undefined : resolve(settings.dir),
    force: settings.force === true,
  }
  const agent = agents.find(each => each.name === name)
  if (agent === undefined) {
    if (settings.check ?? settings.print ?? settings.remove ?? settings.force ?? false) return needsAgent()
    const standings = survey(project, homedir(), surroundings)
    return E.right({
      json: { ok: true, agents: standings, ...queue },
      text: () => renderSurvey(standings, queue, isQueueHere),
    })
  }
  const mode = settings.remove === true ? 'remove' : (settings.check ?? settings.print ?? false) ? 'tell' : 'write'
  if (mode === 'write' && settings.force !== true && isSameDirectory(project, homedir()))
    return inHomeDirectory(project, agent.name)
  const done = setUp(agent, project, surroundings, mode)
  if (E.isLeft(done)) return done
  const { files, notes } = done.right
  if (settings.check === true && files.some(({ state }) => state !== 'unchanged'))
    return E.left({ usage: 'not_set_up', agent: agent.name, title: agent.title, files: files.map(withoutContent) })
  const view: SetupView = {
    ok: true,
    agent: agent.name,
    files: settings.print === true ? files : files.map(withoutContent),
    command: surroundings.command.words,
    on_path: surroundings.command.onPath,
    ...queue,
    notes: mode === 'remove' ? notes : [...notes, ...subdirectoryNote(project)],
  }
  const what =
    settings.remove === true
      ? 'removed'
      : settings.print === true
        ? 'printed'
        : settings.check === true
          ? 'checked'
          : 'written'
  return E.right({ json: view, text: () => renderSetUp(view, agent.title, what, isQueueHere) })
}

/** The queue that an agent finds from here, or why it finds none. */
const findQueue = (named: string | undefined): QueueView => {
  const found = findWorkspace(named)
  // A directory that was named need not hold a log.
  const isMissing = E.isRight(found) && !existsSync(join(found.right, logFileName))
  if (E.isRight(found) && !isMissing) return { workspace: found.right }
  const failure = E.isLeft(found) ? found.left : { failure: 'NoLog' as const, path: join(found.right, logFileName) }
  const { error, message, hint } = problemOf(failure)
  return { workspace_problem: { error, message, hint } }
}

/** Agents look at the top of a repository if they are started there. */
const subdirectoryNote = (project: string): ReadonlyArray<string> => {
  const top = checkoutOf(project)?.root
  const path = top === undefined ? '' : relative(top, realpathSync(project))
  if (path === '') return []
  return [
    `This is ${path} in the repository ${top}: an agent reads these files if it is started here, not if it is started at the top.`,
  ]
}

const isSameDirectory = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map(path => statSync(path, { throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}

const inHomeDirectory = (home: string, agent: string): E.Either<CliError, never> =>
  E.left({
    usage: 'bad_input',
    detail: `${home} is your home directory, where agents read files for all your projects; nothing was written`,
    mend: `cd to the project first; claimlog setup ${agent} --force writes them here`,
  })

const withoutContent = ({ path, state }: SetupView['files'][number]): SetupView['files'][number] => ({ path, state })

const needsAgent = (): E.Either<CliError, never> =>
  E.left({
    usage: 'usage',
    detail: 'it is not said which agent',
    mend: 'for example: claimlog setup claude-code --check; claimlog setup lists the agents',
  })
