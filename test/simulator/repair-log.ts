import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec, recordRepair } from '@claimlog/domain'
import { repairFileLog } from '@claimlog/event-log-file'
import type { Random } from '../support/random.ts'
import { type Faults, noFaults } from './faults.ts'
import { findInvalidLines } from './oracle.ts'
import { recoverLog } from './recover-log.ts'
import { simulatedProcess } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { workspaceDir } from './simulated-worker.ts'

const attemptsMax = 40

/**
 * Repairs a damaged log with as many attempts as it takes, and checks that the valid part before the damage stays. An
 * attempt may be killed, lose power or meet a failing disk, though not forever. Returns the problems after any attempt.
 */
export const repairUntilSound = async (
  machine: VirtualMachine,
  random: Random,
  faults: Faults,
  note: (line: () => string) => void,
  validText: string,
): Promise<ReadonlyArray<string>> => {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const withFaults = attempt < attemptsMax / 2
    const isRepaired = await repairOnce(machine, random, withFaults ? faults : noFaults, note)
    if (!isRepaired && withFaults && random.chance(50)) machine.powerCut()
    const { text, damaged } = await recoverLog(machine)
    if (!text.startsWith(validText)) return ['a repair has changed lines before the damage']
    const problems = findInvalidLines(text)
    if (problems.length > 0) return problems
    if (isRepaired)
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
    runOthers: () => undefined,
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
    async result => {
      await process.waitUntilApplied(process.countCalls())
      outcome = E.isRight(result)
    },
    () => (outcome = false),
  )
  while (outcome === undefined) {
    await new Promise(resolve => setImmediate(resolve))
    if (process.isDead() || random.chance(faults.kills)) break
    process.applyNext()
  }
  process.kill()
  return outcome === true
}
