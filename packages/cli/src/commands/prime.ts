import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { type Command, Option } from 'commander'
import {
  findPlace,
  liveClaimHolders,
  type LocalQueue,
  type LogPlace,
  toPrintableLines,
  toWallTimeMs,
  withoutPassword,
  workingDirectory,
} from '@claimlog/client/unstable-internals'
import { type PrimeView, primeView } from '@claimlog/wire'
import { type HookAgent, hookAgents, hookAnswer } from '@claimlog/agent-setup/hook-answer'
import { warnAboutUnknownKinds } from '../kind-check.ts'
import { writeStdout } from '../output/output.ts'
import { type CliError, toShownError } from '../cli-error.ts'
import {
  openFoundWorkspace,
  printHookError,
  printOutcome,
  type CommandOutput,
  queryAndRefresh,
  renderLazily,
  type Renderers,
  type Settings,
  readSettings,
} from '../run.ts'
import { checkWorkerName } from '../input/worker-name.ts'

type PrimeFlags = {
  readonly worker?: string
  readonly openClaims?: true
  readonly compaction?: true
  readonly hook?: HookAgent
}

export const prime = (program: Command): void => {
  program
    .command('prime')
    .argument('[kind...]', 'Kinds of the ready tasks to list (default: any)')
    .description('Print a session briefing for an agent, in under 400 tokens')
    .option(
      '--worker <worker>',
      'Your name (default: $CLAIMLOG_WORKER, else the name of the agent that runs this in this checkout)',
    )
    .option('--compaction', 'Ask for the briefing to be kept in a context summary')
    .option('--open-claims', 'Only warn about open claims; print nothing if there are none')
    .addOption(
      new Option('--hook <agent>', 'Print the output of a hook for this agent; exit code 1 on failure').choices([
        ...hookAgents,
      ]),
    )
    .action(async (kinds: ReadonlyArray<string>, _options, command: Command) => {
      const flags = readSettings<PrimeFlags>(command)
      const settings = { ...flags, worker: flags.worker ?? process.env['CLAIMLOG_WORKER'] }
      if (settings.hook === undefined) await printBriefing(kinds, settings)
      else await printHookAnswer(settings.hook, kinds, settings)
    })
}

const prepareBriefing = (
  kinds: ReadonlyArray<string>,
  settings: PrimeFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromEither(findPlace(settings)),
    TE.chainW(place => withinBudget(place, prepareFoundBriefing(place, kinds, settings))),
  )

/** The longest time in which a session waits for a server before it starts without a briefing. */
const budgetMs = 2000

/** Gives up on a server that takes longer than the budget. */
const withinBudget =
  <A>(place: LogPlace, briefing: TE.TaskEither<CliError, A>): TE.TaskEither<CliError, A> =>
  async () => {
    if (place._tag === 'directory') return briefing()
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<E.Either<CliError, never>>(resolve => {
      const path = withoutPassword(place.url)
      const detail = `no answer within ${budgetMs} ms`
      timer = setTimeout(() => {
        // The calls in flight end with the process.
        resolve(E.left({ failure: 'Unreachable', path, code: 'ETIMEDOUT', detail, waitedMs: budgetMs }))
      }, budgetMs)
    })
    try {
      return await Promise.race([briefing(), timeout])
    } finally {
      clearTimeout(timer)
    }
  }

const prepareFoundBriefing = (
  place: LogPlace,
  kinds: ReadonlyArray<string>,
  settings: PrimeFlags & Settings,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    // With time left to say so.
    openFoundWorkspace(place, { ...settings, lockTimeout: Math.min(settings.lockTimeout, budgetMs - 500) }),
    TE.map(({ queue }) => queue),
    // Checked after opening: without a workspace, a hook must not disturb the session with a complaint about a name.
    TE.chainFirstEitherKW(() => checkWorkerName(settings.worker, 'prime')),
    TE.chainW(queue => queryBriefing(queue, kinds, settings)),
    TE.map(({ view, nowMs }) => ({
      json: view,
      text: renderLazily(renderers => renderBriefing(renderers, settings, view, nowMs)),
    })),
  )

type Briefing = { readonly view: PrimeView; readonly nowMs: number }

const queryBriefing = (
  queue: LocalQueue,
  kinds: ReadonlyArray<string>,
  { worker: workerName, hook: client }: PrimeFlags,
): TE.TaskEither<CliError, Briefing> =>
  pipe(
    queryAndRefresh(queue, queue.query(liveClaimHolders)),
    TE.chainW(holders => TE.fromTask(() => identifyCaller(queue.place.dir, client, workerName, holders))),
    TE.chainW(({ worker, vacant }) =>
      queue.query((state, now) => ({
        view: primeView(state, { worker, kinds, vacant }, now),
        nowMs: toWallTimeMs(state, now),
      })),
    ),
    // No one reads the messages of a hook.
    TE.chainFirstW(() => warnAboutUnknownKinds(queue, client === undefined ? kinds : [])),
  )

const identifyCaller = async (
  dir: string,
  client: HookAgent | undefined,
  chosenName: string | undefined,
  workersWithClaims: ReadonlySet<string>,
) => {
  const { identify } = await import('@claimlog/identity')
  const cwd = workingDirectory() ?? dir
  const identity = await identify({ dir, cwd, client, chosenName, workersWithClaims, isServer: false })
  return { worker: chosenName ?? identity?.worker, vacant: identity?.freeNames ?? [] }
}

const renderBriefing = (
  { renderOpenClaims, renderPrime }: Renderers,
  { openClaims, compaction }: PrimeFlags,
  view: PrimeView,
  nowMs: number,
): string => {
  if (openClaims === true) {
    const warning = renderOpenClaims(view, nowMs)
    return warning === undefined ? '' : `${warning}\n`
  }
  const text = renderPrime(view, nowMs)
  return compaction === true ? `Keep this in the summary:\n\n${text}` : text
}

/** The line in place of a briefing if the server of the log cannot be reached; undefined: that is not the error. */
const unreachableLine = (error: CliError): string | undefined =>
  'failure' in error && error.failure === 'Unreachable'
    ? `claimlog: the log cannot be reached: ${toPrintableLines(toShownError(error).message)}\n`
    : undefined

const printBriefing = async (kinds: ReadonlyArray<string>, settings: PrimeFlags & Settings): Promise<void> => {
  const outcome = await prepareBriefing(kinds, settings)()
  const line = E.isLeft(outcome) && settings.json !== true ? unreachableLine(outcome.left) : undefined
  if (line === undefined) await printOutcome(settings.json === true, outcome)
  else writeStdout(line)
}

/** Answers in the agent's own protocol. Prints nothing in a project that does not use claimlog. */
const printHookAnswer = async (
  agent: HookAgent,
  kinds: ReadonlyArray<string>,
  settings: PrimeFlags & Settings,
): Promise<void> => {
  const outcome = await prepareBriefing(kinds, settings)()
  const line = E.isLeft(outcome) ? unreachableLine(outcome.left) : undefined
  if (E.isLeft(outcome) && line === undefined) {
    if (!lacksWorkspace(outcome.left)) printHookError(outcome.left)
    return
  }
  const text = line ?? (E.isRight(outcome) ? ((await outcome.right.text?.()) ?? '') : '')
  const { openClaims, compaction } = settings
  if (openClaims === true) writeStdout(hookAnswer(agent, { atEnd: text }))
  else writeStdout(hookAnswer(agent, compaction === true ? { atCompaction: text } : { atStart: text }))
}

/**
 * True if the project has no workspace: most have none, and a person may install a hook for all projects. A workspace that
 * is named, has lost its log or cannot be searched for is an error.
 */
const lacksWorkspace = (error: CliError): boolean => {
  if (!('failure' in error)) return false
  if (error.failure === 'NoWorkspace') return error.main?._tag !== 'unknown'
  return error.failure === 'NoWorkingDirectory' || (error.failure === 'NotAWorkspace' && error.cause === 'no_log')
}
