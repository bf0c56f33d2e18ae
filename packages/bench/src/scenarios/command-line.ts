import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkspaceShape } from '../workspaces/large-workspaces.ts'
import { endRefreshers } from '../processes/end-refreshers.ts'
import type { Figure } from '../report/figure.ts'
import { alternate, median, medianRatio } from '../measure/measurement.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { BenchScenario, ScenarioContext } from './scenario.ts'
import { describeShape, listSizes } from '../report/shape-text.ts'
import type { TargetName } from '../report/targets.ts'
import { bareNode, claimlogProgram, measurePeakMemory, countRounds, timeProcess } from '../processes/timed-process.ts'

const selectTargets = ({
  type,
  tasks,
}: WorkspaceShape & { readonly tasks: number }): { time?: TargetName; memory?: TargetName } => {
  if (type !== 'ready') return {}
  return tasks === 1000 ? { time: 'cli-1k' } : tasks === 1_000_000 ? { time: 'cli-1m', memory: 'memory' } : {}
}

type CommandCost = {
  readonly bareMs: ReadonlyArray<number>
  readonly claimMs: ReadonlyArray<number>
  readonly bareMiB: number | undefined
  readonly claimMiB: number | undefined
}

const measure = async (
  { dir, quick, largeWorkspaces }: ScenarioContext,
  shape: WorkspaceShape,
): Promise<CommandCost> => {
  mkdirSync(dir, { recursive: true })
  const workspaceDir = await largeWorkspaces.createCopy(dir, shape)
  const claim = claimlogProgram(workspaceDir, 'claim', 'bench-worker')
  // The first claim may write derived files that the next ones use.
  timeProcess(claim)
  const rounds = countRounds(quick ? 1500 : 10_000, timeProcess(claim))
  const { bare, ours: claimlog } = await alternate(rounds, {
    bare: () => timeProcess(bareNode),
    ours: () => timeProcess(claim),
  })
  const { bareMiB, claimMiB } = await alternate(quick ? 1 : 5, {
    bareMiB: () => measurePeakMemory(bareNode, dir),
    claimMiB: () => measurePeakMemory(claim, dir),
  })
  endRefreshers(dir)
  removeDir(dir)
  const medianIfComplete = (values: ReadonlyArray<number | undefined>): number | undefined =>
    values.some(value => value === undefined) ? undefined : median(values as ReadonlyArray<number>)
  return { bareMs: bare, claimMs: claimlog, bareMiB: medianIfComplete(bareMiB), claimMiB: medianIfComplete(claimMiB) }
}

const createFigures = (
  shape: WorkspaceShape & { readonly type: 'ready' | 'done' },
  measured: CommandCost,
): ReadonlyArray<Figure> => {
  const { bareMs, claimMs, bareMiB, claimMiB } = measured
  const { time, memory } = selectTargets(shape)
  const timeFigure: Figure = {
    what: `${describeShape(shape)}: whole process`,
    amount: { value: median(claimMs), unit: 'ms' },
    baseline: { what: 'node -e 0', amount: { value: median(bareMs), unit: 'ms' } },
    ratio: medianRatio(claimMs, bareMs),
    targets: time === undefined ? [] : [time],
    point: { panel: 'command line', series: shape.type, tasks: shape.tasks },
    data: { shape, claimMs, bareMs },
  }
  if (bareMiB === undefined || claimMiB === undefined) return [timeFigure]
  return [
    timeFigure,
    {
      what: `${describeShape(shape)}: peak memory`,
      amount: { value: claimMiB, unit: 'MiB' },
      baseline: { what: 'node -e 0', amount: { value: bareMiB, unit: 'MiB' } },
      ratio: claimMiB / bareMiB,
      targets: memory === undefined ? [] : [memory],
    },
  ]
}

/** The cost of a claim on the command line, by the size of the workspace. */
export const commandLineClaims: BenchScenario = {
  name: 'command-line',
  title: 'A claim on the command line, synced, from process start to exit',
  run: async context => {
    const figures: Array<Figure> = []
    for (const type of ['ready', 'done'] as const)
      for (const tasks of listSizes(context.quick)) {
        const shape = { type, tasks }
        context.reportProgress(`claims on the command line, ${describeShape(shape)}`)
        figures.push(...createFigures(shape, await measure({ ...context, dir: join(context.dir, 'case') }, shape)))
      }
    return { figures, remarks: ['In alternation with node -e 0; the ratio is the median of all pairs.'] }
  },
}
