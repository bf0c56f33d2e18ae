/** Reads a log repeatedly: `node replay-process.js DIR EVENTS`. Each response is a rate in events per second. */
import { replayLog } from '@claimlog/client/unstable-internals'
import { unwrapRight } from '../workspaces/bench-queue.ts'
import { readLogLines } from '../workspaces/event-lines.ts'
import { measureParseAndHash, measureParse } from '../measure/floors.ts'
import { nowMs } from '../measure/measurement.ts'
import { serveRequests } from './measured-process.ts'

/** Measures the replay, or for some time the cost of its lines without our code. */
export type ReplayRequest = { readonly measure: 'replay' | 'parse' | 'parse and hash'; readonly durationMs: number }

const [, , dir = '', events = ''] = process.argv
// Not all lines: strings that stay alive cost garbage collector time, which a reader of the log does not pay.
const lines = readLogLines(dir).slice(-20_000)

/** Reads, checks and folds the whole log; returns events per second. */
const replayOnce = async (): Promise<number> => {
  const startedAt = nowMs()
  const { seq } = unwrapRight(await replayLog(dir)())
  const tookMs = nowMs() - startedAt
  if (seq !== Number(events)) throw new Error(`the log has ${events} events, but only ${seq} were folded`)
  return (seq * 1000) / tookMs
}

serveRequests(({ measure, durationMs }: ReplayRequest): number | Promise<number> => {
  switch (measure) {
    case 'replay':
      return replayOnce()
    case 'parse':
      return measureParse(lines, durationMs)
    case 'parse and hash':
      return measureParseAndHash(lines, durationMs)
  }
})
