import { join } from 'node:path'
import { type CommandWakeUps, measureCommandWakeUps } from '../measure/command-wake-ups.ts'
import type { Figure } from '../report/figure.ts'
import { measureIdleTime, type IdleTime } from '../measure/idle-time.ts'
import { type Latency, summarizeLatency } from '../measure/measurement.ts'
import { endRefreshers } from '../processes/end-refreshers.ts'
import type { BenchScenario, ScenarioContext } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { type WaitingGroup, randomPause, type WakeUps, withWaitingWorkers } from '../processes/waiting-workers.ts'
import { formatProcessCount } from '../report/format-values.ts'

/** The poll intervals of the peer: shorter than those of most polling libraries, and like the shortest of them. */
const pollIntervalsMs = [100, 1000] as const

const waitingProcesses = 8

/** Ours first, then one group per poll interval of the peer. */
const listGroups = (processes: number, peer: boolean): ReadonlyArray<WaitingGroup> => [
  { name: `claimlog-${processes}`, contender: 'claimlog', pollMs: 0, processes },
  ...(peer ? pollIntervalsMs : []).map((pollMs): WaitingGroup => ({
    name: `sqlite-${processes}-${pollMs}`,
    contender: 'sqlite',
    pollMs,
    processes,
  })),
]

const formatPollInterval = (pollMs: number): string =>
  `SQLite, polled every ${pollMs === 1000 ? 'second' : `${pollMs} ms`}`

type Percentile = keyof Latency & ('p50' | 'p99' | 'max')
const percentiles: ReadonlyArray<readonly [Percentile, words: string]> = [
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['max', 'slowest'],
]

/** All groups wait at the same time, each at its queue; tasks are added to the queues in turn, at random times. */
const measureWakeUps = ({ dir, quick, peer }: ScenarioContext, processes: number): Promise<ReadonlyArray<WakeUps>> =>
  withWaitingWorkers(dir, listGroups(processes, peer), async groups => {
    const runRound = async (): Promise<void> => {
      for (const group of groups) {
        await randomPause(10, 50)
        await group.add()
      }
    }
    for (let rounds = 0; rounds < warmUpRounds; rounds += 1) await runRound()
    await Promise.all(groups.map(group => group.wakeUps()))
    for (let rounds = 0; rounds < (quick ? 40 : 200); rounds += 1) await runRound()
    return Promise.all(groups.map(group => group.wakeUps()))
  })

/** They do not count: code is slow when it runs for the first time, and workers are long-running. */
const warmUpRounds = 10

const createWakeUpFigures = (
  processes: number,
  [claimlog, ...sqlite]: ReadonlyArray<WakeUps>,
): ReadonlyArray<Figure> => {
  if (claimlog === undefined) return []
  const what = `${formatProcessCount(processes)} waiting, library`
  const summarize = (durationsMs: Float64Array): Latency => summarizeLatency([durationsMs])
  const claimLatency = summarize(claimlog.claimedMs)
  const createFigure = (percentile: Percentile, words: string, peer: WakeUps | undefined, i: number): Figure => {
    const peerMs = peer === undefined ? Number.NaN : summarize(peer.claimedMs)[percentile]
    return {
      what: `${what}: until the task is claimed, ${words}`,
      amount: { value: claimLatency[percentile], unit: 'ms' },
      baseline: { what: formatPollInterval(pollIntervalsMs[i] ?? 0), amount: { value: peerMs, unit: 'ms' } },
      ratio: claimLatency[percentile] / peerMs,
      targets: percentile === 'p99' && i === 0 ? [processes === 1 ? 'wake-1' : 'wake-8'] : [],
      data: { processes, ours: toData(claimlog), theirs: peer === undefined ? undefined : toData(peer) },
    }
  }
  const peers = sqlite.length === 0 ? [undefined] : sqlite
  return [
    ...peers.flatMap((peer, i) => percentiles.map(([percentile, words]) => createFigure(percentile, words, peer, i))),
    ...percentiles.map(([percentile, words]): Figure => ({
      what: `${what}: until its process wakes up, ${words}`,
      amount: { value: summarize(claimlog.wokeMs)[percentile], unit: 'ms' },
      baseline: {
        what: 'the add command itself',
        amount: { value: summarize(claimlog.addMs)[percentile], unit: 'ms' },
      },
    })),
  ]
}

const toData = ({ claimedMs, wokeMs, addMs }: WakeUps): object => ({
  claimedMs: [...claimedMs],
  wokeMs: [...wokeMs],
  addMs: [...addMs],
})

const createCommandFigures = (wakeUps: CommandWakeUps): ReadonlyArray<Figure> => {
  const figures = (what: string, durationsMs: ReadonlyArray<number>, target?: TargetName): ReadonlyArray<Figure> =>
    percentiles.map(([percentile, words]) => ({
      what: `${what}, ${words}`,
      amount: { value: summarizeLatency([Float64Array.from(durationsMs)])[percentile], unit: 'ms' },
      targets: target !== undefined && percentile === 'p99' ? [target] : [],
      data: { durationsMs },
    }))
  return [
    ...figures('claimlog claim --wait: until its result is read', wakeUps.claim, 'wake-claim'),
    ...figures('claimlog work: until its claim is read', wakeUps.work, 'wake-work'),
    ...figures('claimlog work: until the first output of its command is read', wakeUps.command),
    ...figures('claimlog tail -f: until the event is read', wakeUps.tail, 'wake-tail'),
  ]
}

const mean = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0) / values.length

const createIdleFigures = ({ groups: [library = [], ...sqlite], work, tail }: IdleTime): ReadonlyArray<Figure> => {
  const figures = (what: string, claimlog: ReadonlyArray<number>, target: TargetName): ReadonlyArray<Figure> =>
    (sqlite.length === 0 ? [[]] : sqlite).map((peer, i) => ({
      what: `idle, each of ${formatProcessCount(waitingProcesses)}: ${what}`,
      amount: { value: mean(claimlog), unit: '%' },
      baseline: { what: formatPollInterval(pollIntervalsMs[i] ?? 0), amount: { value: mean(peer), unit: '%' } },
      targets: i === 0 ? [target] : [],
      data: { ours: claimlog, theirs: peer },
    }))
  return [
    ...figures('library', library, 'idle-library'),
    ...figures('claimlog work', work, 'idle-work'),
    ...figures('claimlog tail -f', tail, 'idle-tail'),
  ]
}

/** Time until a waiting process has a new task, and the cost of waiting. */
export const wakeUp: BenchScenario = {
  name: 'waiting',
  title: 'Waiting for work: time from add to claim, and cost of an idle worker, synced',
  run: async context => {
    const { dir, quick, peer, reportProgress } = context
    const figures: Array<Figure> = []
    for (const processes of [1, waitingProcesses]) {
      reportProgress(`${formatProcessCount(processes)} waiting for work, tasks added one by one`)
      figures.push(...createWakeUpFigures(processes, await measureWakeUps(context, processes)))
    }
    reportProgress('commands waiting for work')
    figures.push(...createCommandFigures(await measureCommandWakeUps(dir, quick ? 15 : 100)))
    reportProgress(`${formatProcessCount(waitingProcesses)} of each, idle`)
    const idle = await measureIdleTime(
      join(dir, 'idle'),
      listGroups(waitingProcesses, peer),
      waitingProcesses,
      quick ? 5000 : 20_000,
    )
    if (idle !== undefined) figures.push(...createIdleFigures(idle))
    endRefreshers(dir)
    return { figures, remarks: idle === undefined ? [methodRemark, noProcessorTimesRemark] : [methodRemark] }
  },
}

const methodRemark =
  'Time is measured from just before the call that adds the task, so it includes its write and sync, until the call that claims it has returned, synced. Both processes read the same monotonic clock. SQLite does not notify other processes of a change; polling libraries query every one or two seconds by default (pg-boss and graphile-worker: two).'

const noProcessorTimesRemark = 'The cost of idle processes could not be measured, because this system has no /proc.'
