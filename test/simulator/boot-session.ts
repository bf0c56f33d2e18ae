import type { ClockReading } from '@claimlog/domain'
import type { Random } from '../support/random.ts'
import type { Faults } from './faults.ts'
import type { WorkerMemory } from './draw-command.ts'
import { createScheduler } from './scheduler.ts'
import { simulatedProcess, type SimulatedProcess, type ProcessEnvironment } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { type WorkerObserver, runWorker } from './simulated-worker.ts'

/** The workers and faults between two starts of a machine. */
export type BootSession = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  readonly memories: ReadonlyArray<WorkerMemory>
  /** The power is cut after this number of steps. */
  readonly steps: number
  /** The boot id of this start of the machine. */
  readonly boot: string
  readonly observer: WorkerObserver
  readonly note: (line: () => string) => void
}

type WorkerRun = {
  readonly process: SimulatedProcess
  readonly memory: WorkerMemory
  hasEnded: boolean
  clockOffsetMs: number
}

const startMs = Date.UTC(2026, 0)
const hourMs = 3_600_000
const yearMs = 365 * 24 * hourMs
/** Offsets of wall clocks from true time: set by hand, started in 1969, or corrected. */
const clockOffsetsMs = [0, 0, hourMs, -hourMs, 24 * hourMs, 70 * yearMs, -56.5 * yearMs]
/** A limit on process starts, including restarts of killed workers. */
const startsMax = 6

/** Runs each worker in a separate process until all are done or the power is cut. Throws if a worker has a defect. */
export const runBootSession = async (session: BootSession): Promise<void> => {
  const { machine, random, faults, note } = session
  const scheduler = createScheduler(machine, random)
  const workerRuns: Array<WorkerRun> = []
  let defect: unknown
  let isNested = false

  const environment: ProcessEnvironment = {
    machine,
    random,
    note,
    faults,
    sleep: scheduler.sleep,
    runOthers: self => {
      // An effect of one of the others may cause it to call this again.
      if (isNested || !random.chance(25)) return
      isNested = true
      const others = workerRuns.filter(
        ({ process }) => process !== self && process.hasPendingCalls() && !process.paused,
      )
      for (let callsLeft = random.between(1, 3); callsLeft > 0; callsLeft -= 1)
        random.oneOf(others)?.process.applyNext()
      isNested = false
    },
  }

  const start = (memory: WorkerMemory): void => {
    const process = simulatedProcess(`${memory.worker}.${workerRuns.length}`, environment)
    const workerRun: WorkerRun = { process, memory, hasEnded: false, clockOffsetMs: random.between(-50, 50) }
    workerRuns.push(workerRun)
    const end = (thrown?: unknown): void => {
      workerRun.hasEnded = true
      if (!process.isDead()) defect ??= thrown
      process.kill()
    }
    const upMs = (): number => Math.round(machine.nowMs)
    const clock = (): ClockReading => ({
      nowMs: startMs + upMs() + workerRun.clockOffsetMs,
      boot: session.boot,
      upMs: upMs(),
    })
    runWorker(process, memory, clock, random, session.observer).then(
      () => end(),
      (thrown: unknown) => end(thrown),
    )
  }

  const injectFaults = (): void => {
    const workerRun = random.oneOf(workerRuns.filter(({ process }) => !process.isDead()))
    if (workerRun === undefined) return
    const { process } = workerRun
    if (random.chance(faults.kills)) {
      note(() => `${process.name}: killed`)
      process.kill()
      workerRun.hasEnded = true
      if (workerRuns.length < startsMax) start(workerRun.memory)
    }
    if (random.chance(process.paused ? 5 : faults.pauses)) {
      note(() => `${process.name}: ${process.paused ? 'continued' : 'paused'}`)
      process.paused = !process.paused
    }
    if (random.chance(faults.clockJumps)) workerRun.clockOffsetMs = random.oneOf(clockOffsetsMs) ?? 0
  }

  for (const memory of session.memories) start(memory)
  for (let steps = 0; steps < session.steps; steps += 1) {
    await waitUntilIdle()
    if (defect !== undefined) throw defect
    if (workerRuns.every(({ hasEnded }) => hasEnded)) return
    injectFaults()
    const processes = workerRuns.map(({ process }) => process).filter(process => !process.isDead())
    if (!scheduler.step(processes)) for (const process of processes) process.paused = false
  }
  note(() => 'the power is cut')
  for (const { process } of workerRuns) process.kill()
}

/** Waits until all code that needs neither time nor the machine has run. */
const waitUntilIdle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
