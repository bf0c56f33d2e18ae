/** Reads a log over and over: `node replay-process.js DIR EVENTS`. Answers how many events a second it got through. */
import { replayLog } from '@claimlog/client/unstable-internals'
import { rightOf } from '../workspaces/bench-queue.ts'
import { linesOf } from '../workspaces/event-lines.ts'
import { parseAndHashLines, parseLines } from '../measure/floors.ts'
import { nowMs } from '../measure/measuring.ts'
import { answerQuestions } from './processes.ts'

/** What is measured: the replay, or what its lines cost without us, tried for so many milliseconds. */
export type ReplayQuestion = { readonly measure: 'replay' | 'parse' | 'parse and hash'; readonly forMs: number }

const [, , dir = '', events = ''] = process.argv
// Not all of them: texts that are kept alive cost the garbage collector time, which a reader of the log does not pay.
const lines = linesOf(dir).slice(-20_000)

/** Reads, checks and folds the whole log; events per second. */
const replayOnce = async (): Promise<number> => {
  const startedAt = nowMs()
  const { seq } = rightOf(await replayLog(dir)())
  const tookMs = nowMs() - startedAt
  if (seq !== Number(events)) throw new Error(`the log of ${events} events was folded up to ${seq}`)
  return (seq * 1000) / tookMs
}

answerQuestions(({ measure, forMs }: ReplayQuestion): number | Promise<number> => {
  switch (measure) {
    case 'replay':
      return replayOnce()
    case 'parse':
      return parseLines(lines, forMs)
    case 'parse and hash':
      return parseAndHashLines(lines, forMs)
  }
})
