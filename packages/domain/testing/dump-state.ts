import { allTasks } from '../src/queries/tasks.ts'
import type { State } from '../src/state/state.ts'
import { dumpIndices } from './table-scan.ts'

/** The request ids that a model run uses. */
export const runRequestIds = ['r0', 'r1', 'r2', 'r3', 'r4']

/** Drops the difference between absent and undefined fields. */
const dropUndefined = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The tasks after some keys of two indices, in both directions. */
export const seekSamples = ({ table, seq }: State): unknown =>
  (['open', 'finished'] as const).flatMap(index =>
    [0, 4, Math.floor(seq / 2), seq].map(keySeq => {
      const key = { rank: keySeq, seq: keySeq }
      const [forward, backward] = [table.seek(index, '', key, 'forward'), table.seek(index, '', key, 'backward')]
      return { index, keySeq, forward: [...forward], backward: [...backward] }
    }),
  )

/** Everything in a state, to compare it with another one. */
export const dumpState = (state: State): unknown => ({
  ...state,
  table: {
    // First, while the stored entries are unread.
    samples: seekSamples(state),
    tasks: dropUndefined(allTasks(state)),
    indices: dumpIndices(state),
    ids: ['', 't', 't1', 'x'].flatMap(prefix => [2, 3, 1000].map(idsMax => state.table.idsByPrefix(prefix, idsMax))),
    finished: [...state.table.reverseRange('finished', '')],
    open: [...state.table.reverseRange('open', '')],
    // `queue.json` is built from these and the newest finished tasks.
    openForward: [...state.table.range('open', '')],
    rules: dropUndefined([...state.table.ruledKinds()].sort().map(kind => [kind, state.table.rules(kind)])),
    requests: runRequestIds.map(label => state.table.request(label)),
  },
})
