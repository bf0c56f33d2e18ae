import type { Disk, Timers } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { effectsOf } from './effects.ts'
import type { Faults } from './faults.ts'
import { ownViewOf } from './own-view.ts'
import { simulatedDisk, systemError } from './simulated-disk.ts'
import type { OpenFile, VirtualMachine } from './virtual-machine.ts'

/**
 * A process on a virtual machine, in which real code runs.
 *
 * That code makes its calls in one go, as JavaScript does, but what they do to the machine is let out one by one, so that
 * others come in between, or the process dies or is paused there. This is sound because whoever changes a file holds its
 * lock: the process sees its own changes at once, and nobody else makes any.
 */
export type SimulatedProcess = {
  readonly name: string
  readonly disk: Disk
  readonly timers: Timers
  readonly isDead: () => boolean
  /** Whether it stands in the middle of calls, and how many it has made. */
  readonly isInCalls: () => boolean
  readonly calls: () => number
  /** Resolves once the first `calls` have happened; never where it dies before. */
  readonly happened: (calls: number) => Promise<void>
  /** Lets the next call happen. */
  readonly letOut: () => void
  readonly kill: () => void
  paused: boolean
}

/** What a process needs of the world that it runs in. */
export type World = {
  readonly machine: VirtualMachine
  readonly random: Random
  readonly faults: Faults
  /** Others may do something before a call of `process` looks at the machine. */
  readonly letOthersGoOn: (process: SimulatedProcess) => void
  readonly sleep: (process: SimulatedProcess, ms: number) => Promise<void>
  readonly note: (line: () => string) => void
}

/** Thrown by every call of a process that is dead: nothing of it reaches anybody. */
class Died extends Error {}

export const simulatedProcess = (name: string, world: World): SimulatedProcess => {
  const { machine, random, faults, note } = world
  const view = ownViewOf(machine)
  const effects = effectsOf(what => note(() => `${name}: ${what}`), view.forget)
  /** Every file that it has not closed yet, as others see it: those have their locks. */
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
      nap: ms => world.sleep(self, ms),
      nextTurn: () => world.sleep(self, 0),
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
