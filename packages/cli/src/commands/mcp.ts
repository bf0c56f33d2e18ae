import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  findWorkspace,
  Kind,
  liveHolders,
  type LocalQueue,
  printable,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import type { Identity } from '@claimlog/identity'
import type { McpOptions } from '@claimlog/mcp'
import { durationArgument, type Lease, leaseArgument, leaseMsOf, namesArgument } from '../input/arguments.ts'
import { interrupted } from '@claimlog/wire'
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
    .description('serve a coding agent over stdin and stdout, by the Model Context Protocol')
    .addOption(
      new Option(
        '--worker <worker>',
        'who claims (default: the name of the agent in this checkout, the same after a restart)',
      ).env('CLAIMLOG_WORKER'),
    )
    .option('--kinds <kind,...>', 'hand out tasks of these kinds only', namesArgument)
    .option('--read-only', 'offer only what looks, and nothing that changes')
    .option('--lease <duration>', 'how long a claim lasts between renewals, or none', leaseArgument)
    .addOption(
      new Option('--max-hold <duration>', 'for so long a claim is renewed while the agent says nothing of it')
        .argParser(durationArgument)
        .default(7_200_000, '2h'),
    )
    .option('--cwd <directory>', 'run as if started there: for clients that start servers elsewhere')
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
        maxHoldMs: maxHold,
        by,
        durability,
      } as const
      const report = (error: Error): void => tell(`claimlog: ${printable(error.message)}\n`)
      const ended = untilInterrupted(signal => {
        if (signal === 'SIGINT') process.exitCode = interrupted
      })
      await serveMcp({ ...options, version: CLAIMLOG_VERSION }, ended, report)
      process.exit()
    })
}

const forPeople =
  'claimlog mcp speaks to an agent, which starts it: claimlog setup writes the configuration for that. Ctrl-D ends it.\n'

const afterwards = `
claimlog setup writes the configuration of an agent. Claims are renewed while the server lives; it ends with its stdin, and
what it had claimed goes to others when the leases end.`

/** A string to the compiler, so that the codec's own word would leave nothing. */
const isKind = (name: string): boolean => (Kind as { readonly is: (u: unknown) => boolean }).is(name)

/** What is wrong with the names that were given. */
const findProblem = ({ worker, kinds = [] }: Options): CliError | undefined => {
  const problem = workerProblem(worker, 'mcp')
  if (problem !== undefined) return problem
  const kind = kinds.find(each => !isKind(each))
  return kind === undefined
    ? undefined
    : {
        usage: 'usage',
        detail: `'${kind}' will not do for --kinds: a kind has ${String(Kind.jsonSchema['description'])}`,
        mend: 'for example: claimlog mcp --worker ann --kinds docs,validation; claimlog mcp --help tells more',
      }
}

/** Goes to the directory that is named, from which the workspace is found and the agent gets its name. */
const enterDirectory = (directory: string | undefined): CliError | undefined => {
  // A client that does not know a variable hands it on, and most of those start servers in the project.
  if (directory === undefined || /^\$\{[^}]*\}$/.test(directory)) return undefined
  try {
    process.chdir(directory)
    return undefined
  } catch (thrown) {
    return {
      usage: 'bad_input',
      detail: `--cwd ${directory} cannot be entered: ${(thrown as NodeJS.ErrnoException).code ?? String(thrown)}`,
      mend: 'name a directory that is there, or leave --cwd away',
    }
  }
}

/** Names are kept in a folder that anybody may delete: this often it is looked whether they are still there. */
const keepNameMs = 500

/** The queue, which may be made while the server runs already, and who works in it. */
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
    queue.query(liveHolders),
    TE.getOrElse(() => T.of<ReadonlySet<string>>(new Set())),
  )

/** Gives the agent its name, and keeps it for as long as the server runs. */
const identifyAgent = async (
  { dir }: LocalQueue,
  named: string | undefined,
  client: string | undefined,
  holders: ReadonlySet<string>,
): Promise<Identity> => {
  const { identify } = await import('@claimlog/identity')
  const identity = await identify({ dir, cwd: workingDirectory() ?? dir, client, named, holders, isServer: true })
  if (identity === undefined) throw new Error('a server was given no name')
  setInterval(() => void identity.keep(), keepNameMs).unref()
  return identity
}
