import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Shape } from '../workspaces/big-workspaces.ts'
import { endRefreshers } from '../processes/end-refreshers.ts'
import type { Figure } from '../report/figure.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { Scenario, Setting } from './scenario.ts'
import { shapeWords, sizesOf } from '../report/shape-words.ts'
import type { TargetName } from '../report/targets.ts'
import { bareNode, commandLine, peakMemoryOf, roundsIn, wholeProcess } from '../processes/whole-process.ts'

const targetsOf = ({ of, tasks }: Shape & { readonly tasks: number }): { time?: TargetName; memory?: TargetName } => {
  if (of !== 'ready') return {}
  return tasks === 1000 ? { time: 'cli-1k' } : tasks === 1_000_000 ? { time: 'cli-1m', memory: 'memory' } : {}
}

type Measured = {
  readonly bareMs: ReadonlyArray<number>
  readonly claimMs: ReadonlyArray<number>
  readonly bareMiB: number | undefined
  readonly claimMiB: number | undefined
}

const measure = async ({ dir, quick, big }: Setting, shape: Shape): Promise<Measured> => {
  mkdirSync(dir, { recursive: true })
  const where = await big.copyTo(dir, shape)
  const claim = commandLine(where, 'claim', 'bench-worker')
  // The first claim may write derived files that the next ones use.
  wholeProcess(claim)
  const rounds = roundsIn(quick ? 1500 : 10_000, wholeProcess(claim))
  const { bare, ours } = await inTurn(rounds, { bare: () => wholeProcess(bareNode), ours: () => wholeProcess(claim) })
  const { bareMiB, claimMiB } = await inTurn(quick ? 1 : 5, {
    bareMiB: () => peakMemoryOf(bareNode, dir),
    claimMiB: () => peakMemoryOf(claim, dir),
  })
  endRefreshers(dir)
  removeDir(dir)
  const middle = (values: ReadonlyArray<number | undefined>): number | undefined =>
    values.some(value => value === undefined) ? undefined : median(values as ReadonlyArray<number>)
  return { bareMs: bare, claimMs: ours, bareMiB: middle(bareMiB), claimMiB: middle(claimMiB) }
}

const figuresOf = (shape: Shape & { readonly of: 'ready' | 'done' }, measured: Measured): ReadonlyArray<Figure> => {
  const { bareMs, claimMs, bareMiB, claimMiB } = measured
  const { time, memory } = targetsOf(shape)
  const whole: Figure = {
    what: `${shapeWords(shape)}: whole process`,
    amount: { value: median(claimMs), unit: 'ms' },
    beside: { what: 'node -e 0', amount: { value: median(bareMs), unit: 'ms' } },
    ratio: medianRatio(claimMs, bareMs),
    targets: time === undefined ? [] : [time],
    point: { panel: 'command line', series: shape.of, tasks: shape.tasks },
    data: { shape, claimMs, bareMs },
  }
  if (bareMiB === undefined || claimMiB === undefined) return [whole]
  return [
    whole,
    {
      what: `${shapeWords(shape)}: peak memory`,
      amount: { value: claimMiB, unit: 'MiB' },
      beside: { what: 'node -e 0', amount: { value: bareMiB, unit: 'MiB' } },
      ratio: claimMiB / bareMiB,
      targets: memory === undefined ? [] : [memory],
    },
  ]
}

/** The cost of a claim on the command line, by the size of the workspace. */
export const commandLineClaims: Scenario = {
  name: 'command-line',
  title: 'A claim on the command line, synced, from process start to exit',
  run: async setting => {
    const figures: Array<Figure> = []
    for (const of of ['ready', 'done'] as const)
      for (const tasks of sizesOf(setting.quick)) {
        const shape = { of, tasks }
        setting.tell(`claims on the command line, ${shapeWords(shape)}`)
        figures.push(...figuresOf(shape, await measure({ ...setting, dir: join(setting.dir, 'case') }, shape)))
      }
    return { figures, remarks: ['In alternation with node -e 0; the ratio is the median of all pairs.'] }
  },
}
