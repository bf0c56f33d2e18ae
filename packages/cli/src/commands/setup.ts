import { dirname, join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { Argument, type Command, Option } from 'commander'
import { withoutPassword, workingDirectory } from '@claimlog/client/unstable-internals'
import type { CliError } from '../cli-error.ts'
import { printForPeople, type CommandOutput, renderLazily, type Settings, readSettings } from '../run.ts'
import type * as SetupModule from '@claimlog/agent-setup'
import type { SetupFile, SetupView, SetupAgentsView } from '@claimlog/wire'

declare const __dirname: string

type SetupFlags = { readonly check?: true; readonly print?: true; readonly remove?: true; readonly force?: true }

/** The names of the agents, repeated here so that help and completions need not load `@claimlog/agent-setup`. */
const agentNames = ['claude-code', 'codex', 'cursor', 'gemini', 'vscode', 'agents-md']

export const setup = (program: Command): void => {
  program
    .command('setup')
    .addArgument(
      new Argument('[agent]', 'Agent to configure in this folder (default: list supported agents)').choices(agentNames),
    )
    .description('Configure a coding agent in this project: MCP server, hooks and a section in its instructions')
    .option('--check', 'Write nothing; exit code 6 if something is missing or differs')
    .addOption(new Option('--print', 'Write nothing; print what would be written, and where').conflicts('check'))
    .addOption(
      new Option('--remove', "Remove claimlog's configuration and restore files that existed before").conflicts([
        'check',
        'print',
      ]),
    )
    .addOption(
      new Option(
        '--force',
        'Replace an entry named claimlog that you wrote yourself, and print it; allow the home directory',
      ).conflicts('remove'),
    )
    .action((agent: string | undefined, _options, command: Command) => {
      const settings = readSettings<SetupFlags>(command)
      return pipe(
        TE.fromEither(findProject()),
        TE.bindTo('project'),
        TE.bindW('setupPackage', () => TE.fromTask<SetupPackage>(() => import('@claimlog/agent-setup'))),
        TE.chainEitherKW(({ project, setupPackage }) => runSetup(setupPackage, project, agent, settings)),
        printForPeople(settings),
      )
    })
}

type SetupPackage = typeof SetupModule

const findProject = (): E.Either<CliError, string> => {
  const project = workingDirectory()
  return project === undefined ? E.left({ failure: 'NoWorkingDirectory' }) : E.right(project)
}

const runSetup = (
  { agents, findQueue, isProjectQueue, claimlogCommand, setupAgent, detectAgents }: SetupPackage,
  project: string,
  name: string | undefined,
  settings: SetupFlags & Settings,
): E.Either<CliError, CommandOutput> => {
  const queue = findQueue(settings)
  const isQueueHere = isProjectQueue(project, queue)
  const context = {
    command: claimlogCommand(join(dirname(__dirname), 'bin', 'claimlog.cjs')),
    queueFlags: queueFlags(settings),
    force: settings.force === true,
  }
  const agent = agents.find(each => each.name === name)
  if (agent === undefined) {
    if (settings.check ?? settings.print ?? settings.remove ?? settings.force ?? false) return missingAgentError()
    const agentStates = detectAgents(project, context)
    const view: SetupAgentsView = { ok: true, agents: agentStates, ...queue }
    return E.right({
      json: view,
      text: renderLazily(({ renderAgents }) => renderAgents(agentStates, queue, isQueueHere)),
    })
  }
  const mode = settings.remove === true ? 'remove' : (settings.check ?? settings.print ?? false) ? 'preview' : 'write'
  return pipe(
    setupAgent(agent, project, context, mode),
    E.chainW(({ files, notes }): E.Either<CliError, CommandOutput> => {
      if (settings.check === true && files.some(({ state }) => state !== 'unchanged'))
        return E.left({ usage: 'not_set_up', agent: agent.name, title: agent.title, files: files.map(omitContent) })
      const view: SetupView = {
        ok: true,
        agent: agent.name,
        files: settings.print === true ? files : files.map(omitContent),
        command: context.command.words,
        onPath: context.command.onPath,
        ...queue,
        notes,
      }
      const action = nameAction(settings)
      return E.right({
        json: view,
        text: renderLazily(({ renderSetup }) => renderSetup(view, agent.title, action, isQueueHere)),
      })
    }),
  )
}

/** The password of a URL is in no file: an agent gets it from `PGPASSWORD` or `~/.pgpass`. */
const queueFlags = ({ log, dir }: Settings): ReadonlyArray<string> => {
  if (log !== undefined) return ['--log', withoutPassword(log)]
  return dir === undefined ? [] : ['--dir', resolve(dir)]
}

const nameAction = ({ remove, print, check }: SetupFlags): 'removed' | 'printed' | 'checked' | 'written' =>
  remove === true ? 'removed' : print === true ? 'printed' : check === true ? 'checked' : 'written'

const omitContent = ({ path, state }: SetupFile): SetupFile => ({ path, state })

const missingAgentError = (): E.Either<CliError, never> =>
  E.left({
    usage: 'usage',
    detail: 'no agent is named',
    hint: 'for example: claimlog setup claude-code --check; claimlog setup lists the agents',
  })
