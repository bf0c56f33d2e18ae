import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec, recordRepair } from '@claimlog/domain'
import { repairFileLog } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { type Faults, noFaults } from './faults.ts'
import { unsound } from './oracle.ts'
import { recovered } from './recovered.ts'
import { simulatedProcess } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { workspaceDir } from './worker.ts'

const mostTries = 40

/**
 * Repairs a damaged log with as many attempts as it takes, and checks that the valid part before the damage stays. An
 * attempt may be killed, lose power or meet a failing disk, though not forever. Returns the problems after any attempt.
 */
export const mend = async (
  machine: VirtualMachine,
  random: Random,
  faults: Faults,
  note: (line: () => string) => void,
  kept: string,
): Promise<ReadonlyArray<string>> => {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const troubled = tries < mostTries / 2
    const done = await repairOnce(machine, random, troubled ? faults : noFaults, note)
    if (!done && troubled && random.chance(50)) machine.powerCut()
    const { text, damaged } = await recovered(machine)
    if (!text.startsWith(kept)) return ['a repair has changed lines before the damage']
    const problems = unsound(text)
    if (problems.length > 0) return problems
    if (done)
      return damaged === undefined ? [] : [`the log is still damaged after a repair: ${JSON.stringify(damaged)}`]
  }
  return ['the log could not be repaired']
}

/** One attempt; false: it failed, or its outcome is unknown. */
const repairOnce = async (
  machine: VirtualMachine,
  random: Random,
  faults: Faults,
  note: (line: () => string) => void,
): Promise<boolean> => {
  const process = simulatedProcess('repair', {
    machine,
    random,
    note,
    faults,
    letOthersGoOn: () => undefined,
    sleep: async (_process, ms) => {
      machine.nowMs += Math.max(1, ms)
    },
  })
  let outcome: boolean | undefined
  const { disk, timers } = process
  const repair = recordRepair({ command: 'repair', workspace: 'repaired', nowMs: Date.UTC(2026, 1), by: 'operator' })
  if (E.isLeft(repair)) throw new Error(JSON.stringify(repair.left))
  repairFileLog<Event>({ dir: workspaceDir, codec: lineCodec, disk, timers }, ({ damaged, quarantine, lastKept }) =>
    repair.right({
      keptSeq: damaged.keptSeq,
      keptTime: lastKept?.time,
      spentSeq: damaged.spentSeq,
      reason: damaged.damage.detail,
      quarantine,
    }),
  )().then(
    async repaired => {
      await process.happened(process.calls())
      outcome = E.isRight(repaired)
    },
    () => (outcome = false),
  )
  while (outcome === undefined) {
    await new Promise(resolve => setImmediate(resolve))
    if (process.isDead() || random.chance(faults.kills)) break
    process.letOut()
  }
  process.kill()
  return outcome === true
}
