import type { Disk, Timers } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { effectsOf } from './effects.ts'
import type { Faults } from './faults.ts'
import { ownViewOf } from './own-view.ts'
import { simulatedDisk, systemError } from './simulated-disk.ts'
import type { OpenFile, VirtualMachine } from './virtual-machine.ts'

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
  /** True if calls are pending; `calls` is the number of all calls made. */
  readonly isInCalls: () => boolean
  readonly calls: () => number
  /** Resolves once the first `calls` have been applied; never if the process dies before. */
  readonly happened: (calls: number) => Promise<void>
  /** Applies the next pending call. */
  readonly letOut: () => void
  readonly kill: () => void
  paused: boolean
}

/** The environment of a process. */
export type World = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  /** Other processes may run before a call of `process` reads the machine. */
  readonly letOthersGoOn: (process: SimulatedProcess) => void
  readonly sleep: (process: SimulatedProcess, ms: number) => Promise<void>
  readonly note: (line: () => string) => void
}

/** Thrown by every call of a dead process, so that it has no more effects. */
class Died extends Error {}

export const simulatedProcess = (name: string, world: World): SimulatedProcess => {
  const { machine, random, faults, note } = world
  const view = ownViewOf(machine)
  const effects = effectsOf(what => note(() => `${name}: ${what}`), view.forget)
  /** Every file whose close has not been applied yet: these still have their locks. */
  const opened = new Set<OpenFile>()
  let dead = false

  const stillLives = (): void => {
    if (dead) throw new Died(name)
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
    isInCalls: effects.areDue,
    calls: effects.issued,
    happened: effects.happened,
    letOut: effects.letOut,
    kill,
    timers: {
      monotonicMs: () => machine.nowMs,
      sleep: ms => world.sleep(self, ms),
      sleepBlocking: ms => world.sleep(self, ms),
      yieldToEventLoop: () => world.sleep(self, 0),
      random: () => random.between(0, 999_999) / 1_000_000,
    },
    disk: simulatedDisk({
      machine,
      random,
      faults,
      effects,
      view,
      opened,
      stillLives,
      kill,
      begin: (what, mayFail) => {
        stillLives()
        world.letOthersGoOn(self)
        if (!mayFail || !random.chance(faults.failingCalls)) return
        const code = random.oneOf(faults.codes) ?? 'EIO'
        note(() => `${name}: ${what} fails with ${code}`)
        throw systemError(code)
      },
    }),
  }
  return self
}
