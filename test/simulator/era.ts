import type { ClockReading } from '@claimlog/domain'
import type { Random } from '../support/random.ts'
import type { Faults } from './faults.ts'
import type { Memory } from './orders.ts'
import { scheduleOf } from './schedule.ts'
import { simulatedProcess, type SimulatedProcess, type World } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { type Ears, work } from './worker.ts'

/** The workers and faults between two starts of a machine. */
export type Era = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  readonly memories: ReadonlyArray<Memory>
  /** The power is cut after this number of steps. */
  readonly steps: number
  /** The boot id of this start of the machine. */
  readonly boot: string
  readonly ears: Ears
  readonly note: (line: () => string) => void
}

type Life = { readonly process: SimulatedProcess; readonly memory: Memory; over: boolean; clockOffMs: number }

const startMs = Date.UTC(2026, 0)
const hourMs = 3_600_000
const yearMs = 365 * 24 * hourMs
/** Offsets of wall clocks from true time: set by hand, started in 1969, or corrected. */
const wrongClocksMs = [0, 0, hourMs, -hourMs, 24 * hourMs, 70 * yearMs, -56.5 * yearMs]
/** A limit on process starts, including restarts of killed workers. */
const mostLives = 6

/** Runs each worker in a separate process until all are done or the power is cut. Throws if a worker has a defect. */
export const live = async (era: Era): Promise<void> => {
  const { machine, random, faults, note } = era
  const schedule = scheduleOf(machine, random)
  const lives: Array<Life> = []
  let defect: unknown
  let busy = false

  const world: World = {
    machine,
    random,
    note,
    faults,
    sleep: schedule.sleep,
    letOthersGoOn: self => {
      // An effect of one of the others may cause it to call this again.
      if (busy || !random.chance(25)) return
      busy = true
      const others = lives.filter(({ process }) => process !== self && process.isInCalls() && !process.paused)
      for (let calls = random.between(1, 3); calls > 0; calls -= 1) random.oneOf(others)?.process.letOut()
      busy = false
    },
  }

  const start = (memory: Memory): void => {
    const process = simulatedProcess(`${memory.worker}.${lives.length}`, world)
    const life: Life = { process, memory, over: false, clockOffMs: random.between(-50, 50) }
    lives.push(life)
    const end = (thrown?: unknown): void => {
      life.over = true
      if (!process.isDead()) defect ??= thrown
      process.kill()
    }
    const upMs = (): number => Math.round(machine.nowMs)
    const clock = (): ClockReading => ({ nowMs: startMs + upMs() + life.clockOffMs, boot: era.boot, upMs: upMs() })
    work(process, memory, clock, random, era.ears).then(
      () => end(),
      (thrown: unknown) => end(thrown),
    )
  }

  const meddle = (): void => {
    const life = random.oneOf(lives.filter(({ process }) => !process.isDead()))
    if (life === undefined) return
    const { process } = life
    if (random.chance(faults.kills)) {
      note(() => `${process.name}: killed`)
      process.kill()
      life.over = true
      if (lives.length < mostLives) start(life.memory)
    }
    if (random.chance(process.paused ? 5 : faults.pauses)) {
      note(() => `${process.name}: ${process.paused ? 'continued' : 'paused'}`)
      process.paused = !process.paused
    }
    if (random.chance(faults.clockJumps)) life.clockOffMs = random.oneOf(wrongClocksMs) ?? 0
  }

  for (const memory of era.memories) start(memory)
  for (let steps = 0; steps < era.steps; steps += 1) {
    await settled()
    if (defect !== undefined) throw defect
    if (lives.every(({ over }) => over)) return
    meddle()
    const processes = lives.map(({ process }) => process).filter(process => !process.isDead())
    if (!schedule.step(processes)) for (const process of processes) process.paused = false
  }
  note(() => 'the power is cut')
  for (const { process } of lives) process.kill()
}

/** Waits until all code that needs neither time nor the machine has run. */
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
