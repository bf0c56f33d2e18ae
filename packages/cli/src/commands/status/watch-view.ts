import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type LocalQueue,
  type PointInTime,
  type QueuePlace,
  waitForAppend,
  pause,
  type State,
  type Time,
  toWallTimeMs,
} from '@claimlog/client/unstable-internals'
import { interruptedExitCode } from '@claimlog/wire'
import { isStdoutTerminal, jsonLine, writeStdout } from '../../output/output.ts'
import type { CliError } from '../../cli-error.ts'
import { createRedrawnLines } from '../../output/redrawn-lines.ts'
import { openQueue, type CommandOutput, type Settings } from '../../run.ts'
import { createInterruptSignal } from '../../interrupt-signal.ts'

/** The interval for redrawing a terminal to update elapsed times. */
const redrawIntervalMs = 1000
/** At most five redraws per second, and fewer if computing the view is slow. */
const pauseMsMin = 200
const pauseFactor = 10
/** In a pipe only events cause output, so waking up is needed rarely. */
const waitMsMax = 60_000

type ToOutput<A> = (view: A, nowMs: number, place: QueuePlace) => CommandOutput

/**
 * Shows a view of the workspace again after each change, until interrupted: redrawn in place on a terminal, one after the
 * other in a pipe, one per line as JSON.
 */
export const watchView = <A>(
  settings: Settings & { readonly at?: PointInTime },
  view: (state: State, now: Time) => A,
  toOutput: ToOutput<A>,
): TE.TaskEither<CliError, void> => {
  if (settings.at !== undefined) {
    const detail = '--at shows a state of the past, which does not change'
    return TE.left({ usage: 'usage', detail, hint: 'use --at or --watch' })
  }
  const signal = createInterruptSignal(signalName => {
    process.exitCode = signalName === 'SIGINT' ? interruptedExitCode : 0
  })
  return pipe(
    openQueue(settings, true),
    TE.chainW(queue => () => showUpdates(queue, settings, view, toOutput, signal)),
  )
}

type ViewState<A> = { readonly view: A; readonly seq: number; readonly nowMs: number }

const showUpdates = async <A>(
  queue: LocalQueue,
  settings: Settings,
  view: (state: State, now: Time) => A,
  toOutput: ToOutput<A>,
  signal: AbortSignal,
): Promise<E.Either<CliError, void>> => {
  const asJson = settings.json === true
  const isLive = isStdoutTerminal() && !asJson
  const lines = createRedrawnLines()
  const query = queue.query((state, now): ViewState<A> => ({
    view: view(state, now),
    seq: state.seq,
    nowMs: toWallTimeMs(state, now),
  }))
  let shownSeq = -1
  const show = async ({ view: state, seq, nowMs }: ViewState<A>): Promise<void> => {
    const { json, text } = toOutput(state, nowMs, queue.place)
    if (isLive) lines.draw(((await text?.()) ?? '').trimEnd().split('\n'))
    else if (seq !== shownSeq) writeStdout(asJson ? jsonLine(json) : `${(await text?.()) ?? ''}\n`)
    shownSeq = seq
  }
  const showNow = pipe(
    query,
    TE.chainTaskK(state => () => show(state)),
  )

  const watch = queue.watch()
  try {
    let last: E.Either<CliError, void> = E.right(undefined)
    while (E.isRight(last) && !signal.aborted) {
      const startedAt = process.uptime()
      last = await showNow()
      if (E.isRight(last)) {
        const tookMs = (process.uptime() - startedAt) * 1000
        await pause(Math.max(pauseMsMin, tookMs * pauseFactor), signal)
        await waitForAppend(watch, isLive ? redrawIntervalMs : waitMsMax, signal)
      }
    }
    return last
  } finally {
    watch.close()
  }
}
