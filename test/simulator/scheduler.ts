import type { Random } from '../support/random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'

type Sleeper = { readonly process: SimulatedProcess; readonly dueMs: number; readonly wake: () => void }

/** Decides which process runs next, and advances the time: everything on a machine happens in these steps. */
export type Scheduler = {
  readonly sleep: (process: SimulatedProcess, ms: number) => Promise<void>
  /** Runs one process, by a pending call or by waking it; false: none can run, however much time passes. */
  readonly step: (processes: ReadonlyArray<SimulatedProcess>) => boolean
}

export const createScheduler = (machine: VirtualMachine, random: Random): Scheduler => {
  let sleepers: Array<Sleeper> = []

  const wakeOne = (): boolean => {
    sleepers = sleepers.filter(({ process }) => !process.isDead())
    // A process with pending calls runs nothing else.
    const runnable = sleepers.filter(({ process }) => !process.paused && !process.hasPendingCalls())
    if (runnable.length === 0) return false
    const earliest = Math.min(...runnable.map(({ dueMs }) => dueMs))
    // Timers can be late, so the earliest sleeper is not always the first to run.
    const due = runnable.filter(({ dueMs }) => dueMs <= Math.max(earliest, machine.nowMs))
    const next = random.oneOf(due) as Sleeper
    machine.nowMs = Math.max(machine.nowMs, next.dueMs)
    sleepers.splice(sleepers.indexOf(next), 1)
    next.wake()
    return true
  }

  return {
    sleep: (process, ms) =>
      new Promise(wake => {
        sleepers.push({ process, dueMs: machine.nowMs + ms, wake })
      }),
    step: processes => {
      const inCalls = processes.filter(process => !process.paused && process.hasPendingCalls())
      if (inCalls.length > 0 && random.chance(70)) {
        random.oneOf(inCalls)?.applyNext()
        return true
      }
      if (wakeOne()) return true
      random.oneOf(inCalls)?.applyNext()
      return inCalls.length > 0
    },
  }
}
