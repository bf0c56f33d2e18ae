import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  findWorkspace,
  Kind,
  liveClaimHolders,
  type LocalQueue,
  toPrintable,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import type { Identity } from '@claimlog/identity'
import type { McpOptions } from '@claimlog/mcp'
import { durationArgument, type Lease, leaseArgument, leaseMsOf, namesArgument } from '../input/arguments.ts'
import { interruptedExitCode } from '@claimlog/wire'
import { warnOfUnknownKinds } from '../kind-check.ts'
import { tell } from '../output/output.ts'
import { type CliError, problemOf } from '../problem.ts'
import { fail, openSession, type Settings, settingsOf } from '../run.ts'
import { untilInterrupted } from '../until-interrupted.ts'
import { workerProblem } from '../fast-path/worker-problem.ts'

declare const CLAIMLOG_VERSION: string

type Options = {
  readonly worker?: string
  readonly kinds?: ReadonlyArray<string>
  readonly readOnly?: true
  readonly lease?: Lease
  readonly maxHold: number
  readonly cwd?: string
}

export const mcp = (program: Command): void => {
  program
    .command('mcp')
    .description('Serve a coding agent over stdin and stdout with the Model Context Protocol')
    .addOption(
      new Option(
        '--worker <worker>',
        'Name of the worker (default: the name of the agent in this checkout, the same after a restart)',
      ).env('CLAIMLOG_WORKER'),
    )
    .option('--kinds <kind,...>', 'Hand out tasks of these kinds only', namesArgument)
    .option('--read-only', 'Offer read-only tools only')
    .option('--lease <duration>', 'How long a claim lasts between renewals, or none', leaseArgument)
    .addOption(
      new Option('--max-hold <duration>', 'How long to renew a claim that the agent does not mention')
        .argParser(durationArgument)
        .default(7_200_000, '2h'),
    )
    .option('--cwd <directory>', 'Run as if started in this directory, for clients that start servers elsewhere')
    .addHelpText('after', afterwards)
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const problem = findProblem(settings) ?? enterDirectory(settings.cwd)
      if (problem !== undefined) return fail(false, problem)
      if (process.stdin.isTTY) tell(forPeople)
      const { kinds = [], readOnly = false, lease, maxHold, by } = settings
      const durability = settings.durability === 'os' ? 'os' : undefined
      const { serveMcp } = await import('@claimlog/mcp')
      const names = namesFor(settings)
      const options = {
        open: names.open,
        identify: names.identify,
        kinds,
        readOnly,
        leaseMs: leaseMsOf(lease),
        renewMsMax: maxHold,
        by,
        durability,
      } as const
      const report = (error: Error): void => tell(`claimlog: ${toPrintable(error.message)}\n`)
      const ended = untilInterrupted(signal => {
        if (signal === 'SIGINT') process.exitCode = interruptedExitCode
      })
      await serveMcp({ ...options, version: CLAIMLOG_VERSION }, ended, report)
      process.exit()
    })
}

const forPeople =
  'claimlog mcp is meant to be started by an agent: claimlog setup writes the configuration for that. Ctrl-D ends it.\n'

const afterwards = `
claimlog setup writes the configuration of an agent. The server renews its claims while it runs and exits when its stdin
closes; other workers can claim its tasks once their leases have expired.`

/** Not the codec's type guard: it would narrow a string that is no kind to `never`. */
const isKind = (name: string): boolean => (Kind as { readonly is: (u: unknown) => boolean }).is(name)

/** The first problem with the names given by flags. */
const findProblem = ({ worker, kinds = [] }: Options): CliError | undefined => {
  const problem = workerProblem(worker, 'mcp')
  if (problem !== undefined) return problem
  const kind = kinds.find(each => !isKind(each))
  return kind === undefined
    ? undefined
    : {
        usage: 'usage',
        detail: `invalid kind '${kind}' in --kinds: a kind has ${String(Kind.jsonSchema['description'])}`,
        mend: 'for example: claimlog mcp --worker ann --kinds docs,validation; see claimlog mcp --help',
      }
}

/** Changes to the directory given by `--cwd`, which determines the workspace and the name of the agent. */
const enterDirectory = (directory: string | undefined): CliError | undefined => {
  // A client that does not know a variable passes it unexpanded. Most such clients start servers in the project.
  if (directory === undefined || /^\$\{[^}]*\}$/.test(directory)) return undefined
  try {
    process.chdir(directory)
    return undefined
  } catch (thrown) {
    return {
      usage: 'bad_input',
      detail: `--cwd ${directory} cannot be entered: ${(thrown as NodeJS.ErrnoException).code ?? String(thrown)}`,
      mend: 'name an existing directory, or omit --cwd',
    }
  }
}

/** The interval for restoring the agent's name: any user may delete the folder that stores it. */
const keepNameMs = 500

/** Opens the queue, which may be created after the server has started, and identifies the agent. */
const namesFor = (settings: Options & Settings): Pick<McpOptions, 'open' | 'identify'> => ({
  open: pipe(
    TE.fromIOEither(() => findWorkspace(settings.dir)),
    TE.chainW(dir => openSession(dir, settings, true)),
    TE.mapLeft(problemOf),
    TE.chainFirstW(({ queue }) => warnOfUnknownKinds(queue, settings.kinds ?? [])),
    TE.map(({ queue }) => queue),
  ),
  identify: (queue, client) =>
    pipe(
      holdersIn(queue),
      T.chain(holders => () => identifyAgent(queue, settings.worker, client, holders)),
    ),
})

const holdersIn = (queue: LocalQueue): T.Task<ReadonlySet<string>> =>
  pipe(
    queue.query(liveClaimHolders),
    TE.getOrElse(() => T.of<ReadonlySet<string>>(new Set())),
  )

/** Gives the agent its name and keeps it reserved while the server runs. */
const identifyAgent = async (
  { dir }: LocalQueue,
  chosenName: string | undefined,
  client: string | undefined,
  workersWithClaims: ReadonlySet<string>,
): Promise<Identity> => {
  const { identify } = await import('@claimlog/identity')
  const identity = await identify({
    dir,
    cwd: workingDirectory() ?? dir,
    client,
    chosenName,
    workersWithClaims,
    isServer: true,
  })
  if (identity === undefined) throw new Error('the server has no name')
  setInterval(() => void identity.save(), keepNameMs).unref()
  return identity
}
