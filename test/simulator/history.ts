import type { Random } from '../support/random.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { accountOf } from './account.ts'
import { live } from './era.ts'
import { drawFaults, type Lie } from './faults.ts'
import { mend } from './mending.ts'
import type { Memory } from './orders.ts'
import { recovered } from './recovered.ts'
import { type VirtualMachine, virtualMachine } from './virtual-machine.ts'

/** The result of a history: problems, if any, and counts. */
export type Outcome = {
  readonly problems: ReadonlyArray<string>
  readonly answers: number
  readonly powerCuts: number
  readonly repairs: number
}

/** `note` gets every step; `lie` is a fault in addition to those of the seed. */
type Ways = { readonly note?: (line: () => string) => void; readonly lie?: Lie }

/**
 * Runs the history of `seed`: workers run on a machine, the power is cut or all are killed, bytes change on the disk, a
 * damaged log is repaired, and the next workers continue there.
 */
export const history = async (seed: number, { note = () => undefined, lie }: Ways = {}): Promise<Outcome> => {
  const random = seededRandom(seed)
  const machine = virtualMachine(random)
  const faults = { ...drawFaults(random), lie }
  note(() => JSON.stringify(faults))
  const memories = Array.from({ length: random.between(1, 3) }, (_, i) => newMemory(`w${i + 1}`))
  const account = accountOf(note)
  const problems: Array<string> = []
  let powerCuts = 0
  let repairs = 0
  let boots = 0

  for (let eras = random.chance(25) ? 3 : random.between(1, 2); eras > 0 && problems.length === 0; eras -= 1) {
    const steps = random.between(20, 300)
    const boot = `boot-${(boots += 1)}`
    problems.push(
      ...(await defectOf(live({ machine, random, faults, memories, steps, boot, ears: account.ears, note }))),
    )
    const before = await recovered(machine)
    problems.push(...account.afterLife(before, (machine.names.get('events.jsonl')?.failures() ?? 0) > 0))
    if (random.chance(70)) {
      powerCuts += 1
      machine.powerCut()
      account.powerLost()
    }
    const rots = random.chance(10) && rot(machine, random)
    const after = await recovered(machine)
    note(
      () =>
        `recovered ${after.events.length} events ${JSON.stringify(after.damaged)}${rots ? ', one byte changed' : ''}`,
    )
    if (rots) account.rotten(after.events.length)
    problems.push(...account.afterStart(after))
    if (before.damaged === undefined && !before.text.startsWith(after.text))
      problems.push('the recovered log is not a prefix of the written log')
    if (after.damaged === undefined) continue
    repairs += 1
    problems.push(...(await mend(machine, random, faults, note, after.text)))
  }
  return { problems, answers: account.answers(), powerCuts, repairs }
}

const newMemory = (worker: string): Memory => ({ worker, tokens: [], requests: [], asked: 0 })

const defectOf = async (life: Promise<void>): Promise<ReadonlyArray<string>> => {
  try {
    await life
    return []
  } catch (defect) {
    return [`defect: ${defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)}`]
  }
}

/** Changes a byte of the log on its disk; false if the log is empty. */
const rot = (machine: VirtualMachine, random: Random): boolean => {
  const log = machine.names.get('events.jsonl')
  const bytes = log?.content().length ?? 0
  if (bytes > 0) log?.rot(random.between(0, bytes - 1))
  return bytes > 0
}
