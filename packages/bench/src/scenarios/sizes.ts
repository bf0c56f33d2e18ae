import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Shape } from '../workspaces/big-workspaces.ts'
import type { ContenderName } from '../contenders/contender.ts'
import { type Crew, type Duty, withCrew } from '../processes/crew.ts'
import type { Figure, Point } from '../report/figure.ts'
import { inTurn, type Latency, median, medianRatio } from '../measure/measuring.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { Scenario, Setting } from './scenario.ts'
import { shapeWords, sizesOf } from '../report/shape-words.ts'
import type { TargetName } from '../report/targets.ts'

type Sized = Exclude<Shape, { readonly of: 'events' }>

/** A workspace in which claims are measured, and the target. */
type Case = { readonly contender: ContenderName; readonly shape: Sized; readonly target?: TargetName }

const base: Sized = { of: 'ready', tasks: 1000 }

/** The same claims in both workspaces, in short alternating periods, by two processes that keep them open. */
type Turns = { readonly small: ReadonlyArray<Latency>; readonly large: ReadonlyArray<Latency> }

const placeOf = async (
  { dir, big }: Setting,
  contender: ContenderName,
  shape: Sized,
  name: string,
): Promise<string> => {
  const where = join(dir, name)
  if (contender === 'claimlog') return big.copyTo(where, shape)
  await makeQueue(contender, where, shape.tasks)
  return where
}

const measure = async (setting: Setting, { contender, shape }: Case): Promise<Turns> => {
  const { dir, quick } = setting
  mkdirSync(dir, { recursive: true })
  const duty: Duty = quick ? { way: 'hold', warmUpMs: 30, countMs: 200 } : { way: 'hold', warmUpMs: 50, countMs: 250 }
  const members = { contender, syncing: 'unsynced', processes: 1 } as const
  const turns = await withCrew(members, small =>
    withCrew(members, async large => {
      await small.open(await placeOf(setting, contender, base, 'small'))
      await large.open(await placeOf(setting, contender, shape, 'large'))
      const turn = (crew: Crew) => async () => (await crew.work(duty)).claim
      const both = { small: turn(small), large: turn(large) }
      // The warm-up: each process has to compile the code first.
      await inTurn(quick ? 2 : 5, both)
      return claimedIn(await inTurn(quick ? 4 : 16, both))
    }),
  )
  removeDir(dir)
  return turns
}

/** Drops the periods in which one of the two made no claim because it wrote its `queue.json`. */
const claimedIn = ({ small, large }: Turns): Turns => {
  const claimed = small.map((latency, i) => latency.max > 0 && (large[i]?.max ?? 0) > 0)
  return { small: small.filter((_, i) => claimed[i]), large: large.filter((_, i) => claimed[i]) }
}

const pointOf = (shape: Shape): Point | undefined =>
  shape.of === 'ready' || shape.of === 'done' ? { panel: 'library', series: shape.of, tasks: shape.tasks } : undefined

const figuresOf = ({ contender, shape, target }: Case, { small, large }: Turns): ReadonlyArray<Figure> => {
  const who = contender === 'claimlog' ? '' : 'SQLite: '
  const micros = (latencies: ReadonlyArray<Latency>, of: keyof Latency): number =>
    median(latencies.map(latency => latency[of])) * 1000
  const figure = (of: keyof Latency, words: string): Figure => ({
    what: `${who}${shapeWords(shape)}: claim, ${words}`,
    amount: { value: micros(large, of), unit: 'µs' },
    beside: { what: shapeWords(base), amount: { value: micros(small, of), unit: 'µs' } },
    ratio: medianRatio(
      large.map(latency => latency[of]),
      small.map(latency => latency[of]),
    ),
    targets: target !== undefined && of === 'p50' ? [target] : [],
    data: { contender, shape, small, large },
    ...(contender === 'claimlog' && of === 'p50' ? { point: pointOf(shape) } : {}),
  })
  if (contender === 'sqlite') return [figure('p50', 'p50')]
  return [figure('p50', 'p50'), figure('p99', 'p99'), figure('max', 'slowest')]
}

const casesOf = ({ quick, peer }: Setting): ReadonlyArray<Case> => {
  const sizes = sizesOf(quick)
  const largest = Math.max(...sizes)
  return [
    ...sizes.map((tasks): Case => ({
      contender: 'claimlog',
      shape: { of: 'ready', tasks },
      target: tasks === 1_000_000 ? 'size-1m' : undefined,
    })),
    ...sizes.map((tasks): Case => ({ contender: 'claimlog', shape: { of: 'done', tasks } })),
    { contender: 'claimlog', shape: { of: 'in front', tasks: 1000, front: 100_000 }, target: 'in-front' },
    ...(peer ? [{ contender: 'sqlite', shape: { of: 'ready', tasks: largest } } as const] : []),
  ]
}

/** The cost of a claim in a program that keeps the workspace open, by the size of the workspace. */
export const sizes: Scenario = {
  name: 'sizes',
  title: 'A claim through the library, by number of tasks, one process, unsynced',
  run: async setting => {
    const figures: Array<Figure> = []
    for (const one of casesOf(setting)) {
      setting.tell(`claims through the library, ${one.contender}, ${shapeWords(one.shape)}`)
      figures.push(...figuresOf(one, await measure({ ...setting, dir: join(setting.dir, 'case') }, one)))
    }
    return {
      figures,
      remarks: [
        'Each claim is released, so that the size does not change. The two workspaces alternate every quarter of a second; results are medians over all these periods, also for the slowest claim of a period. They exclude work between claims, such as writing queue.json.',
      ],
    }
  },
}
