import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type LocalQueue,
  type PointInTime,
  waitForAppend,
  pause,
  toPrintable,
  type State,
  type Time,
  toWallTimeMs,
} from '@claimlog/client/unstable-internals'
import { interruptedExitCode } from '@claimlog/wire'
import { isTerminal, print } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { redrawnLines } from '../../output/redrawn-lines.ts'
import { openQueue, type Output, type Settings } from '../../run.ts'
import { untilInterrupted } from '../../until-interrupted.ts'

/** The interval for redrawing a terminal to update elapsed times. */
const everyMs = 1000
/** At most five redraws per second, and fewer if computing the view is slow. */
const atMostEveryMs = 200
const partOfTime = 10
/** In a pipe only events cause output, so waking up is needed rarely. */
const longestMs = 60_000

type Shown<A> = (view: A, nowMs: number, dir: string) => Output

/**
 * Shows a view of the workspace again after each change, until interrupted: redrawn in place on a terminal, one after the
 * other in a pipe, one per line as JSON.
 */
export const watchView = <A>(
  settings: Settings & { readonly at?: PointInTime },
  view: (state: State, now: Time) => A,
  shown: Shown<A>,
): TE.TaskEither<CliError, void> => {
  if (settings.at !== undefined) {
    const detail = '--at shows a state of the past, which does not change'
    return TE.left({ usage: 'usage', detail, mend: 'use --at or --watch' })
  }
  const signal = untilInterrupted(by => {
    process.exitCode = by === 'SIGINT' ? interruptedExitCode : 0
  })
  return pipe(
    openQueue(settings, true),
    TE.chainW(queue => () => showUntil(queue, settings, view, shown, signal)),
  )
}

type Seen<A> = { readonly view: A; readonly seq: number; readonly nowMs: number }

const showUntil = async <A>(
  queue: LocalQueue,
  settings: Settings,
  view: (state: State, now: Time) => A,
  shown: Shown<A>,
  signal: AbortSignal,
): Promise<E.Either<CliError, void>> => {
  const asJson = settings.json === true
  const isLive = isTerminal() && !asJson
  const lines = redrawnLines()
  const look = queue.query((state, now): Seen<A> => ({
    view: view(state, now),
    seq: state.seq,
    nowMs: toWallTimeMs(state, now),
  }))
  let shownSeq = -1
  const show = async ({ view: seen, seq, nowMs }: Seen<A>): Promise<void> => {
    const { json, text } = shown(seen, nowMs, queue.dir)
    if (isLive) lines.draw(((await text?.()) ?? '').trimEnd().split('\n'))
    else if (seq !== shownSeq) print(asJson ? `${toPrintable(JSON.stringify(json))}\n` : `${(await text?.()) ?? ''}\n`)
    shownSeq = seq
  }
  const showNow = pipe(
    look,
    TE.chainTaskK(seen => () => show(seen)),
  )

  const watch = queue.watch()
  try {
    let last: E.Either<CliError, void> = E.right(undefined)
    while (E.isRight(last) && !signal.aborted) {
      const startedAt = process.uptime()
      last = await showNow()
      if (E.isRight(last)) {
        const tookMs = (process.uptime() - startedAt) * 1000
        await pause(Math.max(atMostEveryMs, tookMs * partOfTime), signal)
        await waitForAppend(watch, isLive ? everyMs : longestMs, signal)
      }
    }
    return last
  } finally {
    watch.close()
  }
}
