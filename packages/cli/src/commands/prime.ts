import * as E from 'fp-ts/lib/Either.js'
import { type Command, Option } from 'commander'
import { workingDirectory } from '@claimlog/discovery'
import { liveClaims, msOf, onWallClock, type PrimeView, primeView } from '@claimlog/domain'
import { type HookAgent, hookAgents, hookAnswer } from '@claimlog/agent-setup/hook-answer'
import { warnOfUnknownKinds } from '../kind-check.ts'
import { print } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { failInHook, finish, type Output, settingsOf } from '../run.ts'
import { inWorkspace, readAndRefresh, type Settings } from '../session.ts'
import { workerProblem } from '../fast-path/worker-problem.ts'

type Options = {
  readonly worker?: string
  readonly openClaims?: true
  readonly compaction?: true
  readonly hook?: HookAgent
}

export const prime = (program: Command): void => {
  program
    .command('prime')
    .argument('[kind...]', 'tell what is ready of these kinds (default: of any)')
    .description('tell an agent what it needs to begin, or to go on after its context was compacted: under 400 tokens')
    .option(
      '--worker <worker>',
      'who you are (default: $CLAIMLOG_WORKER, else the name of the agent that runs this, in this checkout)',
    )
    .option('--compaction', 'tell it to whoever sums up what has happened so far')
    .option('--open-claims', 'only warn of claims that are open; nothing where there are none')
    .addOption(
      new Option('--hook <agent>', 'print what a hook of this agent takes; exit code 1 where it fails').choices([
        ...hookAgents,
      ]),
    )
    .action(async (kinds: ReadonlyArray<string>, _options, command: Command) => {
      const given = settingsOf<Options>(command)
      const settings = { ...given, worker: given.worker ?? process.env['CLAIMLOG_WORKER'] }
      if (settings.hook === undefined)
        return finish('people', settings.json === true, await primed(kinds, settings, settings))
      await answerHook(settings.hook, kinds, settings)
    })
}

const primed = async (
  kinds: ReadonlyArray<string>,
  settings: Settings,
  options: Options,
): Promise<E.Either<CliError, Output>> => {
  const render = await rendererOf(options)
  return inWorkspace(settings, async session => {
    const { workspace, dir } = session
    // Where there is no workspace, a hook does not disturb the session with it.
    const problem = workerProblem(options.worker, 'prime')
    if (problem !== undefined) return E.left(problem)
    const reading = workspace.read((state, now) => new Set(liveClaims(state, now).keys()))
    const holders = await readAndRefresh(session, reading)
    if (E.isLeft(holders)) return holders
    const { identify } = await import('@claimlog/identity')
    const { worker: named, hook: client } = options
    const cwd = workingDirectory() ?? dir
    const identity = await identify({ dir, cwd, client, named, holders: holders.right, isServer: false })
    const worker = named ?? identity?.worker
    const vacant = identity?.vacant ?? []
    const seen = await workspace.read((state, now) => ({
      view: primeView(state, { worker, kinds, vacant }, now),
      nowMs: msOf(onWallClock(now, state.clock)),
    }))()
    if (E.isLeft(seen)) return seen
    // A hook's messages are nobody's to read.
    if (client === undefined) await warnOfUnknownKinds(workspace, kinds)
    const { view, nowMs } = seen.right
    return E.right({ json: view, text: () => render(view, nowMs) })
  })
}

const rendererOf = async ({ openClaims, compaction }: Options): Promise<(view: PrimeView, nowMs: number) => string> => {
  const { renderOpenClaims, renderPrime } = await import('../render/index.ts')
  const warning = (view: PrimeView, nowMs: number): string => {
    const told = renderOpenClaims(view, nowMs)
    return told === undefined ? '' : `${told}\n`
  }
  const keeping = (view: PrimeView, nowMs: number): string => `Keep this in the summary:\n\n${renderPrime(view, nowMs)}`
  return openClaims === true ? warning : compaction === true ? keeping : renderPrime
}

/** Answers in the agent's own protocol; a session that can do without claimlog is not disturbed. */
const answerHook = async (
  agent: HookAgent,
  kinds: ReadonlyArray<string>,
  settings: Options & Settings,
): Promise<void> => {
  const outcome = await primed(kinds, settings, settings)
  if (E.isLeft(outcome)) {
    if (!isWithoutWorkspace(outcome.left)) failInHook(outcome.left)
    return
  }
  const text = outcome.right.text?.() ?? ''
  const { openClaims, compaction } = settings
  if (openClaims === true) print(hookAnswer(agent, { atEnd: text }))
  else print(hookAnswer(agent, compaction === true ? { atCompaction: text } : { atStart: text }))
}

/**
 * Whether there simply is no workspace: most projects have none, and a hook may be a person's for all of them. One that is
 * named, has lost its log or cannot be looked for is missed.
 */
const isWithoutWorkspace = (error: CliError): boolean => {
  if (!('failure' in error)) return false
  if (error.failure === 'NoWorkspace') return error.main?.main !== 'unknown'
  return error.failure === 'NoWorkingDirectory' || (error.failure === 'NotAWorkspace' && error.cause === 'no_log')
}
