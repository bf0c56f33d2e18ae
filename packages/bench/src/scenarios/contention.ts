import type { Syncing } from '../contenders/contender.ts'
import { fairnessOf, type Outcome } from '../processes/crew.ts'
import type { Figure, Unit } from '../report/figure.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import type { Scenario, Setting } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { learningMs, peerName, type Trials, withBothCrews } from '../measure/trial.ts'

const processes = 8

type Rounds = { readonly ours: ReadonlyArray<Outcome>; readonly theirs: ReadonlyArray<Outcome> }

const measure = (setting: Setting, syncing: Syncing): Promise<Rounds> => {
  const { quick } = setting
  // Longer than the delay of queue.json, so that deferred writes are included.
  const countMs = quick ? 1500 : 10_000
  return withBothCrews(setting, syncing, processes, async (ours, theirs) => {
    const trial = (trials: Trials, ms: number) => () => trials({ way: 'halves', warmUpMs: 200, countMs: ms })
    const all = (ms: number) => ({
      ours: trial(ours, ms),
      theirs: theirs === undefined ? () => undefined : trial(theirs, ms),
    })
    await inTurn<'ours' | 'theirs', Outcome | undefined>(1, all(learningMs(processes, quick)))
    const rounds = await inTurn<'ours' | 'theirs', Outcome | undefined>(quick ? 1 : 3, all(countMs))
    const present = (outcomes: ReadonlyArray<Outcome | undefined>) => outcomes.filter(one => one !== undefined)
    return { ours: present(rounds.ours), theirs: present(rounds.theirs) }
  })
}

/** A value of a result, with the target that it is judged by if unsynced and if synced. */
type Aspect = {
  readonly what: string
  readonly unit: Unit
  readonly of: (outcome: Outcome) => number
  readonly unsynced?: TargetName
  readonly synced?: TargetName
}

const aspects: ReadonlyArray<Aspect> = [
  {
    what: 'most / least work of a process',
    unit: '×',
    of: fairnessOf,
    unsynced: 'fairness-unsynced',
    synced: 'fairness-synced',
  },
  { what: 'claim, p50', unit: 'ms', of: ({ claim }) => claim.p50 },
  { what: 'claim, p99', unit: 'ms', of: ({ claim }) => claim.p99 },
  { what: 'claim, p99.9', unit: 'ms', of: ({ claim }) => claim.p999, unsynced: 'claim-p999' },
  { what: 'claim, slowest', unit: 'ms', of: ({ claim }) => claim.max, unsynced: 'claim-max' },
  { what: 'cycles, long run', unit: '/s', of: ({ perSecond }) => perSecond },
]

const figureOf = ({ what, unit, of, ...row }: Aspect, { ours, theirs }: Rounds, syncing: Syncing): Figure => {
  const target = row[syncing]
  const [our, their] = [ours.map(of), theirs.map(of)]
  return {
    what: `${processes} processes, ${syncing}: ${what}`,
    amount: { value: median(our), unit },
    beside: { what: peerName[syncing], amount: { value: median(their), unit } },
    ratio: medianRatio(our, their),
    targets: target === undefined ? [] : [target],
    data: { syncing, ours: our, theirs: their },
  }
}

/** Fairness and claim latency when eight processes compete for the same tasks. */
export const contention: Scenario = {
  name: 'contention',
  title: 'Eight processes at once: fairness and claim latency',
  run: async setting => {
    const figures: Array<Figure> = []
    for (const syncing of ['unsynced', 'synced'] as const) {
      setting.tell(`eight processes, ${syncing}`)
      const rounds = await measure(setting, syncing)
      figures.push(...aspects.map(aspect => figureOf(aspect, rounds, syncing)))
    }
    return {
      figures,
      remarks: [
        'Claim and complete are separate commands. Every claim that was running at any time during the measurement counts, with its full duration. If a process got no claim, the first row is infinite.',
      ],
    }
  },
}
