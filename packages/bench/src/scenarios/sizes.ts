import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkspaceShape } from '../workspaces/large-workspaces.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { type BenchWorkers, type BenchPhase, withWorkers } from '../processes/bench-workers.ts'
import type { Figure, PlotPoint } from '../report/figure.ts'
import { alternate, type Latency, median, medianRatio } from '../measure/measurement.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { BenchScenario, ScenarioContext } from './scenario.ts'
import { describeShape, listSizes } from '../report/shape-text.ts'
import type { TargetName } from '../report/targets.ts'

type SizedShape = Exclude<WorkspaceShape, { readonly type: 'events' }>

/** A workspace in which claims are measured, and the target. */
type SizeCase = { readonly contender: ContenderName; readonly shape: SizedShape; readonly target?: TargetName }

const baseShape: SizedShape = { type: 'ready', tasks: 1000 }

/** The same claims in both workspaces, in short alternating periods, by two processes that keep them open. */
type LatencyPairs = { readonly small: ReadonlyArray<Latency>; readonly large: ReadonlyArray<Latency> }

const prepareWorkspace = async (
  { dir, largeWorkspaces }: ScenarioContext,
  contender: ContenderName,
  shape: SizedShape,
  name: string,
): Promise<string> => {
  const targetDir = join(dir, name)
  if (contender === 'claimlog') return largeWorkspaces.createCopy(targetDir, shape)
  await makeQueue(contender, targetDir, shape.tasks)
  return targetDir
}

const measure = async (context: ScenarioContext, { contender, shape }: SizeCase): Promise<LatencyPairs> => {
  const { dir, quick } = context
  mkdirSync(dir, { recursive: true })
  const phase: BenchPhase = quick
    ? { workload: 'hold', warmUpMs: 30, countMs: 200 }
    : { workload: 'hold', warmUpMs: 50, countMs: 250 }
  const options = { contender, syncing: 'unsynced', processes: 1 } as const
  const pairs = await withWorkers(options, small =>
    withWorkers(options, async large => {
      await small.open(await prepareWorkspace(context, contender, baseShape, 'small'))
      await large.open(await prepareWorkspace(context, contender, shape, 'large'))
      const measurePeriod = (workers: BenchWorkers) => async () => (await workers.work(phase)).claim
      const measurements = { small: measurePeriod(small), large: measurePeriod(large) }
      // The warm-up: each process has to compile the code first.
      await alternate(quick ? 2 : 5, measurements)
      return dropEmptyPeriods(await alternate(quick ? 4 : 16, measurements))
    }),
  )
  removeDir(dir)
  return pairs
}

/** Drops the periods in which one of the two made no claim because it wrote its `queue.json`. */
const dropEmptyPeriods = ({ small, large }: LatencyPairs): LatencyPairs => {
  const hasClaims = small.map((latency, i) => latency.max > 0 && (large[i]?.max ?? 0) > 0)
  return { small: small.filter((_, i) => hasClaims[i]), large: large.filter((_, i) => hasClaims[i]) }
}

const toPoint = (shape: WorkspaceShape): PlotPoint | undefined =>
  shape.type === 'ready' || shape.type === 'done'
    ? { panel: 'library', series: shape.type, tasks: shape.tasks }
    : undefined

const createFigures = (
  { contender, shape, target }: SizeCase,
  { small, large }: LatencyPairs,
): ReadonlyArray<Figure> => {
  const prefix = contender === 'claimlog' ? '' : 'SQLite: '
  const medianMicros = (latencies: ReadonlyArray<Latency>, percentile: keyof Latency): number =>
    median(latencies.map(latency => latency[percentile])) * 1000
  const createFigure = (percentile: keyof Latency, words: string): Figure => ({
    what: `${prefix}${describeShape(shape)}: claim, ${words}`,
    amount: { value: medianMicros(large, percentile), unit: 'µs' },
    baseline: { what: describeShape(baseShape), amount: { value: medianMicros(small, percentile), unit: 'µs' } },
    ratio: medianRatio(
      large.map(latency => latency[percentile]),
      small.map(latency => latency[percentile]),
    ),
    targets: target !== undefined && percentile === 'p50' ? [target] : [],
    data: { contender, shape, small, large },
    ...(contender === 'claimlog' && percentile === 'p50' ? { point: toPoint(shape) } : {}),
  })
  if (contender === 'sqlite') return [createFigure('p50', 'p50')]
  return [createFigure('p50', 'p50'), createFigure('p99', 'p99'), createFigure('max', 'slowest')]
}

const listCases = ({ quick, peer }: ScenarioContext): ReadonlyArray<SizeCase> => {
  const sizes = listSizes(quick)
  const largest = Math.max(...sizes)
  return [
    ...sizes.map((tasks): SizeCase => ({
      contender: 'claimlog',
      shape: { type: 'ready', tasks },
      target: tasks === 1_000_000 ? 'size-1m' : undefined,
    })),
    ...sizes.map((tasks): SizeCase => ({ contender: 'claimlog', shape: { type: 'done', tasks } })),
    { contender: 'claimlog', shape: { type: 'in front', tasks: 1000, front: 100_000 }, target: 'in-front' },
    ...(peer ? [{ contender: 'sqlite', shape: { type: 'ready', tasks: largest } } as const] : []),
  ]
}

/** The cost of a claim in a program that keeps the workspace open, by the size of the workspace. */
export const sizes: BenchScenario = {
  name: 'sizes',
  title: 'A claim through the library, by number of tasks, one process, unsynced',
  run: async context => {
    const figures: Array<Figure> = []
    for (const sizeCase of listCases(context)) {
      context.reportProgress(`claims through the library, ${sizeCase.contender}, ${describeShape(sizeCase.shape)}`)
      figures.push(...createFigures(sizeCase, await measure({ ...context, dir: join(context.dir, 'case') }, sizeCase)))
    }
    return {
      figures,
      remarks: [
        'Each claim is released, so that the size does not change. The two workspaces alternate every quarter of a second; results are medians over all these periods, also for the slowest claim of a period. They exclude work between claims, such as writing queue.json.',
      ],
    }
  },
}
