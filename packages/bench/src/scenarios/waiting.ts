import { join } from 'node:path'
import { type CommandWakeUps, commandWakeUps } from '../measure/command-wake-ups.ts'
import type { Figure } from '../report/figure.ts'
import { idleTime, type IdleTime } from '../measure/idle-time.ts'
import { type Latency, latencyOf } from '../measure/measuring.ts'
import { endRefreshers } from '../processes/end-refreshers.ts'
import type { Scenario, Setting } from './scenario.ts'
import type { TargetName } from '../report/targets.ts'
import { type Members, randomPause, type WakeUps, withWaiting } from '../processes/waiting-crew.ts'
import { processesText } from '../report/words.ts'

/** The poll intervals of the peer: shorter than those of most polling libraries, and like the shortest of them. */
const pollsMs = [100, 1000] as const

const manyProcesses = 8

/** Ours first, then one group per poll interval of the peer. */
const crewsOf = (processes: number, peer: boolean): ReadonlyArray<Members> => [
  { name: `claimlog-${processes}`, contender: 'claimlog', pollMs: 0, processes },
  ...(peer ? pollsMs : []).map((pollMs): Members => ({
    name: `sqlite-${processes}-${pollMs}`,
    contender: 'sqlite',
    pollMs,
    processes,
  })),
]

const pollText = (pollMs: number): string => `SQLite, polled every ${pollMs === 1000 ? 'second' : `${pollMs} ms`}`

type Aspect = keyof Latency & ('p50' | 'p99' | 'max')
const aspects: ReadonlyArray<readonly [Aspect, words: string]> = [
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['max', 'slowest'],
]

/** All groups wait at the same time, each at its queue; tasks are added to the queues in turn, at random times. */
const wakeUpsOf = ({ dir, quick, peer }: Setting, processes: number): Promise<ReadonlyArray<WakeUps>> =>
  withWaiting(dir, crewsOf(processes, peer), async crews => {
    const round = async (): Promise<void> => {
      for (const crew of crews) {
        await randomPause(10, 50)
        await crew.add()
      }
    }
    for (let rounds = 0; rounds < learningRounds; rounds += 1) await round()
    await Promise.all(crews.map(crew => crew.wakeUps()))
    for (let rounds = 0; rounds < (quick ? 40 : 200); rounds += 1) await round()
    return Promise.all(crews.map(crew => crew.wakeUps()))
  })

/** They do not count: code is slow when it runs for the first time, and workers are long-running. */
const learningRounds = 10

const wakeUpFigures = (processes: number, [ours, ...theirs]: ReadonlyArray<WakeUps>): ReadonlyArray<Figure> => {
  if (ours === undefined) return []
  const what = `${processesText(processes)} waiting, library`
  const latency = (durationsMs: Float64Array): Latency => latencyOf([durationsMs])
  const held = latency(ours.heldMs)
  const figure = (aspect: Aspect, words: string, peer: WakeUps | undefined, i: number): Figure => {
    const beside = peer === undefined ? Number.NaN : latency(peer.heldMs)[aspect]
    return {
      what: `${what}: until the task is claimed, ${words}`,
      amount: { value: held[aspect], unit: 'ms' },
      beside: { what: pollText(pollsMs[i] ?? 0), amount: { value: beside, unit: 'ms' } },
      ratio: held[aspect] / beside,
      targets: aspect === 'p99' && i === 0 ? [processes === 1 ? 'wake-1' : 'wake-8'] : [],
      data: { processes, ours: dataOf(ours), theirs: peer === undefined ? undefined : dataOf(peer) },
    }
  }
  const peers = theirs.length === 0 ? [undefined] : theirs
  return [
    ...peers.flatMap((peer, i) => aspects.map(([aspect, words]) => figure(aspect, words, peer, i))),
    ...aspects.map(([aspect, words]): Figure => ({
      what: `${what}: until its process wakes up, ${words}`,
      amount: { value: latency(ours.wokeMs)[aspect], unit: 'ms' },
      beside: { what: 'the add command itself', amount: { value: latency(ours.addMs)[aspect], unit: 'ms' } },
    })),
  ]
}

const dataOf = ({ heldMs, wokeMs, addMs }: WakeUps): object => ({
  heldMs: [...heldMs],
  wokeMs: [...wokeMs],
  addMs: [...addMs],
})

const commandFigures = (wakeUps: CommandWakeUps): ReadonlyArray<Figure> => {
  const figures = (what: string, durationsMs: ReadonlyArray<number>, target?: TargetName): ReadonlyArray<Figure> =>
    aspects.map(([aspect, words]) => ({
      what: `${what}, ${words}`,
      amount: { value: latencyOf([Float64Array.from(durationsMs)])[aspect], unit: 'ms' },
      targets: target !== undefined && aspect === 'p99' ? [target] : [],
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

const idleFigures = ({ crews: [library = [], ...theirs], work, tail }: IdleTime): ReadonlyArray<Figure> => {
  const figures = (what: string, ours: ReadonlyArray<number>, target: TargetName): ReadonlyArray<Figure> =>
    (theirs.length === 0 ? [[]] : theirs).map((peer, i) => ({
      what: `idle, each of ${processesText(manyProcesses)}: ${what}`,
      amount: { value: mean(ours), unit: '%' },
      beside: { what: pollText(pollsMs[i] ?? 0), amount: { value: mean(peer), unit: '%' } },
      targets: i === 0 ? [target] : [],
      data: { ours, theirs: peer },
    }))
  return [
    ...figures('library', library, 'idle-library'),
    ...figures('claimlog work', work, 'idle-work'),
    ...figures('claimlog tail -f', tail, 'idle-tail'),
  ]
}

/** Time until a waiting process has a new task, and the cost of waiting. */
export const waiting: Scenario = {
  name: 'waiting',
  title: 'Waiting for work: time from add to claim, and cost of an idle worker, synced',
  run: async setting => {
    const { dir, quick, peer, tell } = setting
    const figures: Array<Figure> = []
    for (const processes of [1, manyProcesses]) {
      tell(`${processesText(processes)} waiting for work, tasks added one by one`)
      figures.push(...wakeUpFigures(processes, await wakeUpsOf(setting, processes)))
    }
    tell('commands waiting for work')
    figures.push(...commandFigures(await commandWakeUps(dir, quick ? 15 : 100)))
    tell(`${processesText(manyProcesses)} of each, idle`)
    const idle = await idleTime(join(dir, 'idle'), crewsOf(manyProcesses, peer), manyProcesses, quick ? 5000 : 20_000)
    if (idle !== undefined) figures.push(...idleFigures(idle))
    endRefreshers(dir)
    return { figures, remarks: idle === undefined ? [howMeasured, noProcessorTimes] : [howMeasured] }
  },
}

const howMeasured =
  'Time is measured from just before the call that adds the task, so it includes its write and sync, until the call that claims it has returned, synced. Both processes read the same monotonic clock. SQLite does not notify other processes of a change; polling libraries query every one or two seconds by default (pg-boss and graphile-worker: two).'

const noProcessorTimes = 'The cost of idle processes could not be measured, because this system has no /proc.'
