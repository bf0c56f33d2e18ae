import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  findPlace,
  Kind,
  liveClaimHolders,
  type LocalQueue,
  toPrintable,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import type { Identity } from '@claimlog/identity'
import type { McpOptions } from '@claimlog/mcp'
import {
  parseDurationArgument,
  type LeaseArgument,
  parseLeaseArgument,
  toLeaseMs,
  parseNamesArgument,
} from '../input/arguments.ts'
import { interruptedExitCode } from '@claimlog/wire'
import { warnAboutUnknownKinds } from '../kind-check.ts'
import { writeStderr } from '../output/output.ts'
import { type CliError, toShownError } from '../cli-error.ts'
import { printError, openSession, type Settings, readSettings } from '../run.ts'
import { createInterruptSignal } from '../interrupt-signal.ts'
import { findWorkerNameError } from '../input/worker-name.ts'

declare const CLAIMLOG_VERSION: string

type McpFlags = {
  readonly worker?: string
  readonly kinds?: ReadonlyArray<string>
  readonly readOnly?: true
  readonly lease?: LeaseArgument
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
    .option('--kinds <kind,...>', 'Hand out tasks of these kinds only', parseNamesArgument)
    .option('--read-only', 'Offer read-only tools only')
    .option(
      '--lease <duration>',
      'How long a claim lasts between renewals; none: it never expires (default: that of the task)',
      parseLeaseArgument,
    )
    .addOption(
      new Option('--max-hold <duration>', 'How long to renew a claim if the agent makes no call about its task')
        .argParser(parseDurationArgument)
        .default(7_200_000, '2h'),
    )
    .option('--cwd <directory>', 'Run as if started in this directory, for clients that start servers elsewhere')
    .action(async (_options, command: Command) => {
      const settings = readSettings<McpFlags>(command)
      const error = checkNames(settings) ?? changeDirectory(settings.cwd)
      if (error !== undefined) return printError(false, error)
      if (process.stdin.isTTY) writeStderr(terminalMessage)
      const { kinds = [], readOnly = false, lease, maxHold, by } = settings
      const durability = settings.durability === 'os' ? 'os' : undefined
      const { serveMcp } = await import('@claimlog/mcp')
      const handlers = createHandlers(settings)
      const options = {
        open: handlers.open,
        identify: handlers.identify,
        kinds,
        readOnly,
        leaseMs: toLeaseMs(lease),
        renewMsMax: maxHold,
        by,
        durability,
      } as const
      const report = (error: Error): void => writeStderr(`claimlog: ${toPrintable(error.message)}\n`)
      const stopSignal = createInterruptSignal(signal => {
        if (signal === 'SIGINT') process.exitCode = interruptedExitCode
      })
      await serveMcp({ ...options, version: CLAIMLOG_VERSION }, stopSignal, report)
      process.exit()
    })
}

const terminalMessage =
  'claimlog mcp is meant to be started by an agent: claimlog setup writes the configuration for that. Ctrl-D ends it.\n'

/** Not the codec's type guard: it would narrow a string that is no kind to `never`. */
const isKind = (name: string): boolean => (Kind as { readonly is: (u: unknown) => boolean }).is(name)

/** The first problem with the names given by flags. */
const checkNames = ({ worker, kinds = [] }: McpFlags): CliError | undefined => {
  const error = findWorkerNameError(worker, 'mcp')
  if (error !== undefined) return error
  const kind = kinds.find(each => !isKind(each))
  return kind === undefined
    ? undefined
    : {
        usage: 'usage',
        detail: `invalid kind '${kind}' in --kinds: a kind has ${String(Kind.jsonSchema['description'])}`,
        hint: 'for example: claimlog mcp --worker ann --kinds docs,validation; see claimlog mcp --help',
      }
}

/** Changes to the directory given by `--cwd`, which determines the workspace and the name of the agent. */
const changeDirectory = (directory: string | undefined): CliError | undefined => {
  // A client that does not know a variable passes it unexpanded. Most such clients start servers in the project.
  if (directory === undefined || /^\$\{[^}]*\}$/.test(directory)) return undefined
  try {
    process.chdir(directory)
    return undefined
  } catch (thrown) {
    return {
      usage: 'bad_input',
      detail: `--cwd ${directory} cannot be entered: ${(thrown as NodeJS.ErrnoException).code ?? String(thrown)}`,
      hint: 'name an existing directory, or omit --cwd',
    }
  }
}

/** The interval for restoring the agent's name: any user may delete the folder that stores it. */
const keepNameIntervalMs = 500

/** Opens the queue, which may be created after the server has started, and identifies the agent. */
const createHandlers = (settings: McpFlags & Settings): Pick<McpOptions, 'open' | 'identify'> => ({
  open: pipe(
    TE.fromIOEither(() => findPlace(settings)),
    TE.chainW(place => openSession(place, settings, true)),
    TE.mapLeft(toShownError),
    TE.chainFirstW(({ queue }) => warnAboutUnknownKinds(queue, settings.kinds ?? [])),
    TE.map(({ queue }) => queue),
  ),
  identify: (queue, client) =>
    pipe(
      findHolders(queue),
      T.chain(holders => () => identifyAgent(queue, settings.worker, client, holders)),
    ),
})

const findHolders = (queue: LocalQueue): T.Task<ReadonlySet<string>> =>
  pipe(
    queue.query(liveClaimHolders),
    TE.getOrElse(() => T.of<ReadonlySet<string>>(new Set())),
  )

/** Gives the agent its name and keeps it reserved while the server runs. */
const identifyAgent = async (
  { place: { dir } }: LocalQueue,
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
  setInterval(() => void identity.save(), keepNameIntervalMs).unref()
  return identity
}
