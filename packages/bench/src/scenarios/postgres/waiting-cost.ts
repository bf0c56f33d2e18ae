import type { BenchServer } from '../../processes/bench-server.ts'
import { type BenchWorkers, withWorkers } from '../../processes/bench-workers.ts'
import { withIdleWaiters } from '../../processes/idle-waiters.ts'
import { type WakeUps, randomPause, withWaitingWorkers } from '../../processes/waiting-workers.ts'
import type { Figure } from '../../report/figure.ts'
import { type Latency, median, medianRatio, summarizeLatency } from '../../measure/measurement.ts'
import { formatNumber } from '../../report/format-values.ts'
import type { TargetName } from '../../report/targets.ts'
import { makeQueue } from '../../workspaces/queue-maker.ts'
import type { ScenarioContext } from '../scenario.ts'
import { serverScenario } from './server-scenario.ts'

const countWaiters = (quick: boolean): number => (quick ? 10 : 100)

/** Workspaces without tasks. */
const makePlaces = async (server: BenchServer, count: number): Promise<ReadonlyArray<string>> => {
  const places = Array.from({ length: count }, () => server.newPlace('fast', 'claimlog'))
  for (const place of places) await makeQueue('claimlog', place, 0)
  return places
}

/** Milliseconds of the server's processor per append, in rounds, by the workers that wait meanwhile. */
type ServerCosts = Readonly<Record<'none' | 'elsewhere' | 'one' | 'oneAndElsewhere' | 'here', ReadonlyArray<number>>>

/** Measures the processor time of the server while one process claims and releases at `place`. */
const createMeasurement =
  (server: BenchServer, workers: BenchWorkers, countMs: number) => async (): Promise<number> => {
    const startMs = server.processorMs()
    const { perSecond } = await workers.work({ workload: 'hold', warmUpMs: 0, countMs })
    return (server.processorMs() - startMs) / ((2 * perSecond * countMs) / 1000)
  }

const measureCosts = ({ quick }: ScenarioContext, server: BenchServer): Promise<ServerCosts> =>
  withWorkers({ contender: 'claimlog', syncing: 'synced', processes: 1 }, async workers => {
    const place = server.newPlace('fast', 'claimlog')
    await makeQueue('claimlog', place, 10)
    await workers.open(place)
    const otherPlaces = await makePlaces(server, countWaiters(quick))
    const measureOnce = createMeasurement(server, workers, quick ? 300 : 1500)
    const costs = { none: [], elsewhere: [], one: [], oneAndElsewhere: [], here: [] } as Record<
      keyof ServerCosts,
      Array<number>
    >
    await measureOnce()
    for (let round = 0; round < (quick ? 1 : 3); round += 1) {
      costs.none.push(await measureOnce())
      costs.one.push(await withIdleWaiters([place], measureOnce))
      await withIdleWaiters(otherPlaces, async () => {
        costs.elsewhere.push(await measureOnce())
        costs.oneAndElsewhere.push(await withIdleWaiters([place], measureOnce))
      })
    }
    costs.here.push(
      await withIdleWaiters(
        Array.from(otherPlaces, () => place),
        measureOnce,
      ),
    )
    return costs
  })

const createCostFigures = (costs: ServerCosts, waiters: number): ReadonlyArray<Figure> => {
  const compare = (
    what: string,
    ours: keyof ServerCosts,
    baseline: string,
    theirs: keyof ServerCosts,
    target?: TargetName,
  ): Figure => ({
    what: `server's processor time per append, ${what}`,
    amount: { value: median(costs[ours]) * 1000, unit: 'µs' },
    baseline: { what: baseline, amount: { value: median(costs[theirs]) * 1000, unit: 'µs' } },
    ratio: medianRatio(costs[ours], costs[theirs]),
    targets: target === undefined ? [] : [target],
    data: { ours: costs[ours], theirs: costs[theirs] },
  })
  const elsewhere = `${formatNumber(waiters)} wait in other workspaces`
  const one = 'one waits here'
  return [
    compare(elsewhere, 'elsewhere', 'no worker waits', 'none', 'pg-idle-waiters'),
    compare(one, 'one', 'no worker waits', 'none'),
    compare(`${elsewhere}, ${one}`, 'oneAndElsewhere', one, 'one'),
    compare(`${formatNumber(waiters)} wait here, for another kind`, 'here', one, 'one'),
  ]
}

/** One process waits, and tasks are added one by one; with others that wait elsewhere and without. */
const measureWakeUps = async ({ quick, dir }: ScenarioContext, server: BenchServer): Promise<WakeUps> =>
  withWaitingWorkers(
    dir,
    [{ name: 'wake', contender: 'claimlog', pollMs: 0, processes: 1, place: server.newPlace('fast', 'claimlog') }],
    async ([workers]) => {
      if (workers === undefined) throw new Error('no worker waits')
      const add = async (count: number): Promise<WakeUps> => {
        for (let added = 0; added < count; added += 1) {
          await randomPause(10, 50)
          await workers.add()
        }
        return workers.wakeUps()
      }
      await add(10)
      return add(quick ? 20 : 300)
    },
  )

const createWakeUpFigures = (
  what: string,
  { claimedMs, addMs }: WakeUps,
  target?: TargetName,
): ReadonlyArray<Figure> => {
  const [claimed, add] = [summarizeLatency([claimedMs]), summarizeLatency([addMs])]
  const createFigure = (percentile: keyof Latency, words: string): Figure => ({
    what: `${what}: until the task is claimed, ${words}`,
    amount: { value: claimed[percentile], unit: 'ms' },
    baseline: { what: 'the add command itself', amount: { value: add[percentile], unit: 'ms' } },
    targets: target !== undefined && percentile === 'p99' ? [target] : [],
    data: { claimedMs: [...claimedMs], addMs: [...addMs] },
  })
  return [createFigure('p50', 'p50'), createFigure('p99', 'p99'), createFigure('max', 'slowest')]
}

/** The cost of waiting workers for the server, and the time until they have a task. */
export const serverWaiting = serverScenario({
  name: 'postgres-waiting',
  title: 'PostgreSQL: waiting for work',
  run: async (context, server) => {
    const { quick, reportProgress } = context
    reportProgress('PostgreSQL: cost of waiting workers')
    const costs = await measureCosts(context, server)
    reportProgress('PostgreSQL: wake-ups')
    const alone = await measureWakeUps(context, server)
    const others = await makePlaces(server, countWaiters(quick))
    const amongOthers = await withIdleWaiters(others, () => measureWakeUps(context, server))
    return {
      figures: [
        ...createCostFigures(costs, countWaiters(quick)),
        ...createWakeUpFigures('1 process waiting', alone, 'pg-wake-up'),
        ...createWakeUpFigures(`1 process waiting, ${others.length} in other workspaces`, amongOthers),
      ],
      remarks: [
        'The processor time is that of all processes of the server, by the kernel. An append is a claim or a release of one process. A worker that waits in this workspace reads each new line: the last row is the cost of 100 workers that look at every event of a busy queue.',
      ],
    }
  },
})
