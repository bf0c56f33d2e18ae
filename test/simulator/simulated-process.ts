import type { Disk, Timers } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { createPendingEffects } from './effects.ts'
import type { Faults } from './faults.ts'
import { createMachineView } from './process-view.ts'
import { simulatedDisk, systemError } from './simulated-disk.ts'
import type { VirtualOpenFile, VirtualMachine } from './virtual-machine.ts'

/**
 * A process on a virtual machine that runs real code.
 *
 * That code makes its calls without interruption, as JavaScript does, but their effects on the machine are applied one
 * by one, so that other processes run between them, or the process is killed or paused there. This is sound because a
 * process changes a file only under its lock: it sees its own changes at once, and no other process makes any.
 */
export type SimulatedProcess = {
  readonly name: string
  readonly disk: Disk
  readonly timers: Timers
  readonly isDead: () => boolean
  /** True if calls are pending; `countCalls` is the number of all calls made. */
  readonly hasPendingCalls: () => boolean
  readonly countCalls: () => number
  /** Resolves once the first `calls` calls have been applied; never if the process dies before. */
  readonly waitUntilApplied: (calls: number) => Promise<void>
  /** Applies the next pending call. */
  readonly applyNext: () => void
  readonly kill: () => void
  paused: boolean
}

/** The environment of a process. */
export type ProcessEnvironment = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  /** Other processes may run before a call of `process` reads the machine. */
  readonly runOthers: (process: SimulatedProcess) => void
  readonly sleep: (process: SimulatedProcess, ms: number) => Promise<void>
  readonly note: (line: () => string) => void
}

/** Thrown by every call of a dead process, so that it has no more effects. */
class ProcessKilled extends Error {}

export const simulatedProcess = (name: string, environment: ProcessEnvironment): SimulatedProcess => {
  const { machine, random, faults, note } = environment
  const view = createMachineView(machine)
  const effects = createPendingEffects(what => note(() => `${name}: ${what}`), view.reset)
  /** Every file whose close has not been applied yet: these still have their locks. */
  const opened = new Set<VirtualOpenFile>()
  let dead = false

  const assertAlive = (): void => {
    if (dead) throw new ProcessKilled(name)
  }

  const kill = (): void => {
    dead = true
    effects.drop()
    for (const each of opened) machine.unlock(each)
  }

  const self: SimulatedProcess = {
    name,
    paused: false,
    isDead: () => dead,
    hasPendingCalls: effects.hasPending,
    countCalls: effects.countIssued,
    waitUntilApplied: effects.waitUntilApplied,
    applyNext: effects.applyNext,
    kill,
    timers: {
      monotonicMs: () => machine.nowMs,
      sleep: ms => environment.sleep(self, ms),
      sleepBlocking: ms => environment.sleep(self, ms),
      yieldToEventLoop: () => environment.sleep(self, 0),
      random: () => random.between(0, 999_999) / 1_000_000,
    },
    disk: simulatedDisk({
      machine,
      random,
      faults,
      effects,
      view,
      opened,
      assertAlive,
      kill,
      beginCall: (what, mayFail) => {
        assertAlive()
        environment.runOthers(self)
        if (!mayFail || !random.chance(faults.failingCalls)) return
        const code = random.oneOf(faults.codes) ?? 'EIO'
        note(() => `${name}: ${what} fails with ${code}`)
        throw systemError(code)
      },
    }),
  }
  return self
}
