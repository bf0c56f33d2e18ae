import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeWorkspace } from '../bench-workspace.ts'
import { atMost, type Figure, type Scenario } from '../figure.ts'
import { inTurn, median, medianRatio } from '../measuring.ts'
import { times } from '../words.ts'
import { bareNode, wholeProcess } from '../whole-process.ts'

const ratioMark = 1.8

const claimlog = fileURLToPath(new URL('../../../cli/bin/claimlog.cjs', import.meta.url))

/** Claims a task with the command line, from the start of its process to the end. */
const claimByProcess = (dir: string, round: number): number =>
  wholeProcess([claimlog, 'claim', `worker-${round}`], { CLAIMLOG_DIR: dir })

const measure = async (dir: string, tasks: number, rounds: number): Promise<Figure> => {
  // A lab's three tasks would be claimed after three rounds: each round has a workspace of its own.
  const fresh = Array.from({ length: rounds + 1 }, (_, i) => join(dir, `start-${tasks}-${i}`))
  for (const where of fresh) await makeWorkspace(where, tasks)
  let round = 0
  claimByProcess(fresh[rounds] as string, rounds)
  const { bare, claim } = await inTurn(rounds, {
    bare: bareNode,
    claim: () => claimByProcess(fresh[round] as string, round++),
  })
  const ratio = medianRatio(claim, bare)
  return {
    what: `claimlog claim, ${tasks} tasks`,
    value: median(claim),
    unit: 'ms',
    beside: `${times(ratio)} node -e 0 (${median(bare).toFixed(1)} ms)`,
    mark: atMost(ratio, ratioMark, `${times(ratioMark)} node -e 0`),
    data: { ratio, bareMs: bare, claimMs: claim },
  }
}

/** What a script pays that claims with the command line. */
export const start: Scenario = {
  name: 'start',
  title: 'Claim by the command line, whole process',
  run: async ({ dir, quick, tell }) => {
    const rounds = quick ? 5 : 25
    const figures: Array<Figure> = []
    for (const tasks of [3, 1000]) {
      tell(`claiming ${rounds} times by the command line, among ${tasks} tasks`)
      figures.push(await measure(dir, tasks, rounds))
    }
    return { figures, remarks: ['In alternation with node -e 0; the ratio is the middle one of all pairs.'] }
  },
}
