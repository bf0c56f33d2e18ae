import type { Syncing } from '../contenders/contender.ts'
import { meanLine, sampleLines } from '../workspaces/event-lines.ts'
import type { Figure } from '../report/figure.ts'
import { writeAndSync } from '../measure/floors.ts'
import { inTurn, median, medianRatio } from '../measure/measuring.ts'
import type { Scenario, Setting } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { learningMs, peerName, type Trials, withBothCrews } from '../measure/trial.ts'
import { processesText } from '../report/words.ts'

/** Results per cycle if claim and complete are separate calls. */
const answersPerCycle = 2

/** Cycles per second of both workloads, per round. `floor`: lines per second of a bare write + fdatasync loop. */
type Rounds = Readonly<Record<'halves' | 'settle' | 'peerHalves' | 'peerSettle' | 'floor', ReadonlyArray<number>>>

type Targets = Partial<Readonly<Record<'halves' | 'settle' | 'floor', TargetName>>>

const targetsOf = (syncing: Syncing, processes: number): Targets => {
  if (syncing === 'unsynced')
    return processes === 1 ? { halves: 'unsynced-1' } : processes === 8 ? { halves: 'unsynced-8' } : {}
  if (processes === 1) return { floor: 'synced-1-floor', settle: 'synced-1-settle' }
  return processes === 8 ? { halves: 'synced-8-halves', settle: 'synced-8-settle' } : {}
}

const measure = async (setting: Setting, syncing: Syncing, processes: number, line: string): Promise<Rounds> => {
  const { dir, quick } = setting
  return withBothCrews(setting, syncing, processes, async (ours, theirs) => {
    const all = (countMs: number) => {
      const trial = (trials: Trials | undefined, way: 'halves' | 'settle') => async () =>
        trials === undefined ? Number.NaN : (await trials({ way, warmUpMs: 200, countMs })).perSecond
      return {
        halves: trial(ours, 'halves'),
        peerHalves: trial(theirs, 'halves'),
        floor: () => (syncing === 'synced' ? writeAndSync(dir, line, countMs / 2) : Number.NaN),
        settle: trial(ours, 'settle'),
        peerSettle: trial(theirs, 'settle'),
      }
    }
    await inTurn(1, all(learningMs(processes, quick)))
    return inTurn(quick ? 1 : processes === 1 || processes === 8 ? 5 : 3, all(quick ? 300 : 1000))
  })
}

const figuresOf = (rounds: Rounds, syncing: Syncing, processes: number): ReadonlyArray<Figure> => {
  const who = `${processesText(processes)}, ${syncing}`
  const targets = targetsOf(syncing, processes)
  const against = (
    what: string,
    ours: 'halves' | 'settle',
    theirs: 'peerHalves' | 'peerSettle',
    target?: TargetName,
  ): Figure => ({
    what: `${who}: ${what}`,
    amount: { value: median(rounds[ours]), unit: '/s' },
    beside: { what: peerName[syncing], amount: { value: median(rounds[theirs]), unit: '/s' } },
    ratio: medianRatio(rounds[ours], rounds[theirs]),
    targets: target === undefined ? [] : [target],
    data: { syncing, processes, ours: rounds[ours], theirs: rounds[theirs] },
  })
  const floor: Figure = {
    what: `${who}: results, claim and complete separately`,
    amount: { value: median(rounds.halves) * answersPerCycle, unit: '/s' },
    beside: { what: 'bare write + fdatasync', amount: { value: median(rounds.floor), unit: '/s' } },
    ratio: medianRatio(rounds.halves, rounds.floor) * answersPerCycle,
    targets: targets.floor === undefined ? [] : [targets.floor],
    data: { syncing, processes, floor: rounds.floor },
  }
  return [
    against('claim and complete separately; two UPDATEs', 'halves', 'peerHalves', targets.halves),
    against('complete and claim next; two UPDATEs', 'settle', 'peerHalves', targets.settle),
    against('complete and claim next; both UPDATEs in one transaction', 'settle', 'peerSettle'),
    ...(syncing === 'synced' ? [floor] : []),
  ]
}

/** Tasks claimed and completed per second, by one process and by several at once. */
export const cycles: Scenario = {
  name: 'cycles',
  title: 'Claim + complete: cycles per second, all processes together',
  run: async setting => {
    const line = meanLine(sampleLines(`${setting.dir}/sample`))
    const figures: Array<Figure> = []
    for (const syncing of ['unsynced', 'synced'] as const)
      for (const processes of [1, 4, 8, 16]) {
        setting.tell(`cycles of ${processesText(processes)}, ${syncing}`)
        figures.push(...figuresOf(await measure(setting, syncing, processes, line), syncing, processes))
      }
    return {
      figures,
      remarks: [
        'Before the semicolon: what claimlog does; after it: what SQLite does. Targets against SQLite compare with two separate statements, one UPDATE for the claim and one for the completion; the gain from one transaction for both is in the rows that say so.',
      ],
    }
  },
}
