import { join } from 'node:path'
import { emptyState, type Event, fold, lineCodec } from '@claimlog/domain'
import { scanFileLog } from '@claimlog/event-log-file'
import { rightOf } from '../bench-workspace.ts'
import { linesOf, makeWorkedLog } from '../event-lines.ts'
import { atLeast, type Scenario } from '../figure.ts'
import { parseAndHashLines, parseLines } from '../floors.ts'
import { inTurn, median, medianRatio, timed } from '../measuring.ts'
import { percent, perSecond } from '../words.ts'

const eventsMark = 400_000
const eventsPerTask = 3

/** Reads, checks and folds the whole log in `dir`; events per second. */
const replayOnce = async (dir: string, events: number): Promise<number> => {
  let state = emptyState()
  const tookMs = await timed(async () => {
    rightOf(
      await scanFileLog<Event>({ dir, codec: lineCodec }, batch => {
        state = fold(state, batch)
      })(),
    )
  })
  if (state.seq !== events) throw new Error(`the log of ${events} events was folded up to ${state.seq}`)
  return (events * 1000) / tookMs
}

/** How fast the state is made again from the log. */
export const replay: Scenario = {
  name: 'replay',
  title: 'Replay: read, check seq, chain and shape, and fold',
  run: async ({ dir, quick, tell }) => {
    const tasks = quick ? 7_000 : 70_000
    const logDir = join(dir, 'replay')
    tell(`making a log of ${tasks * eventsPerTask} events`)
    await makeWorkedLog(logDir, tasks)
    const lines = linesOf(logDir)
    const forMs = quick ? 100 : 500
    const measured = await inTurn(quick ? 3 : 7, {
      replay: () => replayOnce(logDir, lines.length),
      parse: () => parseLines(lines, forMs),
      both: () => parseAndHashLines(lines, forMs),
    })
    const value = median(measured.replay)
    const shareOfBoth = medianRatio(measured.replay, measured.both)
    return {
      figures: [
        {
          what: `${lines.length.toLocaleString('en')} events: a third each added, claimed, completed`,
          value,
          unit: '/s',
          beside: `${percent(shareOfBoth)} of JSON.parse + SHA-256 of its lines`,
          mark: atLeast(value, eventsMark, perSecond(eventsMark)),
          data: { ...measured, shareOfParseAndHash: shareOfBoth },
        },
        { what: 'JSON.parse of its lines', value: median(measured.parse), unit: '/s' },
        { what: 'JSON.parse + SHA-256 of its lines', value: median(measured.both), unit: '/s' },
      ],
      remarks: [],
    }
  },
}
