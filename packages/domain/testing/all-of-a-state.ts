import { allTasks } from '../src/queries/tasks.ts'
import type { State } from '../src/state/state.ts'
import { indicesOf } from './table-scan.ts'

/** The request ids that a model run uses. */
export const walkRequests = ['r0', 'r1', 'r2', 'r3', 'r4']

/** Drops the difference between absent and undefined fields. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The tasks after some keys of two indices, in both directions. */
export const beyondSome = ({ table, seq }: State): unknown =>
  (['open', 'finished'] as const).flatMap(index =>
    [0, 4, Math.floor(seq / 2), seq].map(at => {
      const position = { rank: at, seq: at }
      const [forward, backward] = [
        table.beyond(index, '', position, 'forward'),
        table.beyond(index, '', position, 'backward'),
      ]
      return { index, at, forward: [...forward], backward: [...backward] }
    }),
  )

/** Everything in a state, to compare it with another one. */
export const allOf = (state: State): unknown => ({
  ...state,
  table: {
    // First, while the stored entries are unread.
    samples: beyondSome(state),
    tasks: plain(allTasks(state)),
    indices: indicesOf(state),
    ids: ['', 't', 't1', 'x'].flatMap(prefix => [2, 3, 1000].map(most => state.table.idsWith(prefix, most))),
    finished: [...state.table.backwards('finished', '')],
    open: [...state.table.backwards('open', '')],
    // `queue.json` is built from these and the newest finished tasks.
    openForward: [...state.table.range('open', '')],
    rules: plain([...state.table.ruledKinds()].sort().map(kind => [kind, state.table.rules(kind)])),
    requests: walkRequests.map(label => state.table.request(label)),
  },
})
