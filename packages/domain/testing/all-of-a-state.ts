import { allTasks } from '../src/queries/tasks.ts'
import type { State } from '../src/state/state.ts'
import { indicesOf } from './table-scan.ts'

/** The requests that a walk makes. */
export const walkRequests = ['r0', 'r1', 'r2', 'r3', 'r4']

/** What was not said and what was said to be nothing are the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** The tasks beyond some positions of two orders, on both ways. */
export const beyondSome = ({ table, seq }: State): unknown =>
  (['open', 'finished'] as const).flatMap(index =>
    [0, 4, Math.floor(seq / 2), seq].map(at => {
      const position = { rank: at, seq: at }
      const [onwards, backwards] = [
        table.beyond(index, '', position, 'forward'),
        table.beyond(index, '', position, 'backward'),
      ]
      return { index, at, onwards: [...onwards], backwards: [...backwards] }
    }),
  )

/** All that a state says, to be compared with what another one does. */
export const allOf = (state: State): unknown => ({
  ...state,
  table: {
    // First, while what is stored was not read yet.
    beyond: beyondSome(state),
    tasks: plain(allTasks(state)),
    indices: indicesOf(state),
    ids: ['', 't', 't1', 'x'].flatMap(prefix => [2, 3, 1000].map(most => state.table.idsWith(prefix, most))),
    finished: [...state.table.backwards('finished', '')],
    open: [...state.table.backwards('open', '')],
    // With the newest finished ones, what `queue.json` is made of.
    openOnwards: [...state.table.range('open', '')],
    rules: plain([...state.table.ruledKinds()].sort().map(kind => [kind, state.table.rules(kind)])),
    requests: walkRequests.map(label => state.table.request(label)),
  },
})
