/** Reads a log repeatedly: `node replay-process.js DIR EVENTS`. Each response is a rate in events per second. */
import { replayLog } from '@claimlog/client/unstable-internals'
import { rightOf } from '../workspaces/bench-queue.ts'
import { linesOf } from '../workspaces/event-lines.ts'
import { parseAndHashLines, parseLines } from '../measure/floors.ts'
import { nowMs } from '../measure/measuring.ts'
import { answerQuestions } from './processes.ts'

/** Measures the replay, or for some time the cost of its lines without our code. */
export type ReplayQuestion = { readonly measure: 'replay' | 'parse' | 'parse and hash'; readonly forMs: number }

const [, , dir = '', events = ''] = process.argv
// Not all lines: strings that stay alive cost garbage collector time, which a reader of the log does not pay.
const lines = linesOf(dir).slice(-20_000)

/** Reads, checks and folds the whole log; returns events per second. */
const replayOnce = async (): Promise<number> => {
  const startedAt = nowMs()
  const { seq } = rightOf(await replayLog(dir)())
  const tookMs = nowMs() - startedAt
  if (seq !== Number(events)) throw new Error(`the log has ${events} events, but only ${seq} were folded`)
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
