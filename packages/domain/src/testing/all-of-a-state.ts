import { allTasks, type State } from '../state.ts'
import { indicesOf } from '../table-scan.ts'
import { queueFileText } from '../views/queue-file.ts'

/** The requests that a walk makes. */
export const walkRequests = ['r0', 'r1', 'r2', 'r3', 'r4']

/** What was not said and what was said to be nothing are the same. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** All that a state says, to be compared with what another one does. */
export const allOf = (state: State): unknown => ({
  ...state,
  table: {
    tasks: plain(allTasks(state)),
    indices: indicesOf(state),
    ids: ['', 't', 't1', 'x'].flatMap(prefix => [2, 3, 1000].map(most => state.table.idsWith(prefix, most))),
    finished: [...state.table.backwards('finished', '')],
    open: [...state.table.backwards('open', '')],
    rules: plain([...state.table.ruledKinds()].sort().map(kind => [kind, state.table.rules(kind)])),
    requests: walkRequests.map(label => state.table.request(label)),
  },
  queueFile: queueFileText(state),
})
