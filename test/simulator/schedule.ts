import type { Random } from '../support/random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'

type Sleeper = { readonly process: SimulatedProcess; readonly dueMs: number; readonly wake: () => void }

/** Who goes on next, and when it is: all that happens on a machine happens by one of these steps. */
export type Schedule = {
  readonly sleep: (process: SimulatedProcess, ms: number) => Promise<void>
  /** Lets one process go on, by a call or out of its sleep; false: none can, whatever time passes. */
  readonly step: (processes: ReadonlyArray<SimulatedProcess>) => boolean
}

export const scheduleOf = (machine: VirtualMachine, random: Random): Schedule => {
  let sleepers: Array<Sleeper> = []

  const wakeOne = (): boolean => {
    sleepers = sleepers.filter(({ process }) => !process.isDead())
    // A process that stands in the middle of calls runs nothing else.
    const able = sleepers.filter(({ process }) => !process.paused && !process.isInCalls())
    if (able.length === 0) return false
    const earliest = Math.min(...able.map(({ dueMs }) => dueMs))
    // Timers are late at times, and so it is not always the earliest who comes first.
    const due = able.filter(({ dueMs }) => dueMs <= Math.max(earliest, machine.nowMs))
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
      const inCalls = processes.filter(process => !process.paused && process.isInCalls())
      if (inCalls.length > 0 && random.chance(70)) {
        random.oneOf(inCalls)?.letOut()
        return true
      }
      if (wakeOne()) return true
      random.oneOf(inCalls)?.letOut()
      return inCalls.length > 0
    },
  }
}
