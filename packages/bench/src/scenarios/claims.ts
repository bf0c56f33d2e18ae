import { join } from 'node:path'
import type { Durability } from '@claimlog/event-log-file'
import { makeWorkspace } from '../bench-workspace.ts'
import { type ClaimRate, claimTogether } from '../claimers.ts'
import { meanLine, sampleLines } from '../event-lines.ts'
import { atLeast, type Figure, type Scenario, type Setting } from '../figure.ts'
import { lockAndWrite, writeAndSync } from '../floors.ts'
import { median } from '../measuring.ts'
import { percent, perSecond } from '../words.ts'

/** First marks: cycles a second of one process unsynced, and the share of bare write + fdatasync of one process synced. */
const unsyncedMark = 30_000
const syncedShareMark = 0.8

/** Each is an event of its own: a claim and a completion, both answered. */
const answersPerCycle = 2

/** `tasks`: how many were there to claim; more than 10,000 let `queue.json` lag by 5 s, fewer by half a second. */
type Trial = { readonly tasks: number; readonly rate: ClaimRate; readonly floor: number }

/** `mostOfFloor`: no more than this share of the floor's answers is to be expected, so that tasks enough are loaded. */
type Ways = {
  readonly durability: Durability
  readonly words: string
  readonly floorWords: string
  readonly floorOf: typeof writeAndSync
  readonly mostOfFloor: number
}

const unsynced: Ways = {
  durability: 'os',
  words: 'not synced',
  floorWords: 'bare flock + write',
  floorOf: lockAndWrite,
  mostOfFloor: 0.7,
}
const synced: Ways = {
  durability: 'disk',
  words: 'synced',
  floorWords: 'bare write + fdatasync',
  floorOf: writeAndSync,
  // Processes that sync one file share the disk's work.
  mostOfFloor: 3,
}

/** Runs one number of processes several times, each between two measurements of the floor, and takes the middle one. */
const trials = async (setting: Setting, ways: Ways, processes: number, line: string): Promise<ReadonlyArray<Trial>> => {
  const { dir, quick, tell } = setting
  const span = quick ? { warmUpMs: 300, countMs: 700 } : { warmUpMs: 1000, countMs: 3000 }
  const rounds = quick || processes > 1 ? 1 : 3
  const done: Array<Trial> = []
  for (let round = 0; round < rounds; round += 1) {
    tell(`claims of ${processes} at once, ${ways.words}, round ${round + 1} of ${rounds}`)
    const where = join(dir, `claims-${ways.durability}-${processes}-${round}`)
    const before = ways.floorOf(dir, line, span.countMs / 4)
    const cyclesPerSecond = (before * ways.mostOfFloor) / answersPerCycle
    const tasks = Math.ceil((cyclesPerSecond * (span.warmUpMs + span.countMs)) / 1000)
    await makeWorkspace(where, tasks)
    const rate = await claimTogether(where, ways.durability, processes, span)
    done.push({ tasks, rate, floor: (before + ways.floorOf(dir, line, span.countMs / 4)) / 2 })
  }
  return done
}

const figureOf = (ways: Ways, processes: number, done: ReadonlyArray<Trial>): Figure => {
  const value = median(done.map(({ rate }) => rate.perSecond))
  const share = median(done.map(({ rate, floor }) => (rate.perSecond * answersPerCycle) / floor))
  const all = done.flatMap(({ rate }) => rate.perProcess)
  const mark =
    processes > 1
      ? undefined
      : ways.durability === 'os'
        ? atLeast(value, unsyncedMark, perSecond(unsyncedMark))
        : atLeast(share, syncedShareMark, `${percent(syncedShareMark)} of the bare loop`)
  const fairness = ` · luckiest ${perSecond(Math.max(...all))}, unluckiest ${perSecond(Math.min(...all))}`
  return {
    what: `${processes} ${processes === 1 ? 'process' : 'processes'}, ${ways.words}`,
    value,
    unit: '/s',
    beside: `${percent(share)} of ${ways.floorWords}${processes === 1 ? '' : fairness}`,
    mark,
    data: { durability: ways.durability, processes, shareOfFloor: share, trials: done },
  }
}

/** How many tasks are claimed and completed through the library, by one process and by several at once. */
export const claims: Scenario = {
  name: 'claims',
  title: 'Claim + complete through the library, cycles a second',
  run: async setting => {
    const line = meanLine(await sampleLines(setting.dir))
    const figures: Array<Figure> = []
    for (const ways of [unsynced, synced])
      for (const processes of [1, 4, 8])
        figures.push(figureOf(ways, processes, await trials(setting, ways, processes, line)))
    return {
      figures,
      remarks: ['A cycle is two answers, so a share compares twice the cycles with the loops of one process.'],
    }
  },
}
