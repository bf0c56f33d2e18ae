import type { Random } from '../support/random.ts'
import { seededRandom } from '../programs/seeded-random.mjs'
import { createObservations } from './observations.ts'
import { runBootSession } from './boot-session.ts'
import { drawFaults, type Lie } from './faults.ts'
import { repairUntilSound } from './repair-log.ts'
import type { WorkerMemory } from './draw-command.ts'
import { recoverLog } from './recover-log.ts'
import { type VirtualMachine, virtualMachine } from './virtual-machine.ts'

/** The result of a history: problems, if any, and counts. */
export type HistoryResult = {
  readonly problems: ReadonlyArray<string>
  readonly answers: number
  readonly powerCuts: number
  readonly repairs: number
}

/** `note` gets every step; `lie` is a fault in addition to those of the seed. */
type HistoryOptions = { readonly note?: (line: () => string) => void; readonly lie?: Lie }

/**
 * Runs the history of `seed`: workers run on a machine, the power is cut or all are killed, bytes change on the disk, a
 * damaged log is repaired, and the next workers continue there.
 */
export const runHistory = async (
  seed: number,
  { note = () => undefined, lie }: HistoryOptions = {},
): Promise<HistoryResult> => {
  const random = seededRandom(seed)
  const machine = virtualMachine(random)
  const faults = { ...drawFaults(random), lie }
  note(() => JSON.stringify(faults))
  const memories = Array.from({ length: random.between(1, 3) }, (_, i) => createMemory(`w${i + 1}`))
  const observations = createObservations(note)
  const problems: Array<string> = []
  let powerCuts = 0
  let repairs = 0
  let boots = 0

  for (
    let sessionsLeft = random.chance(25) ? 3 : random.between(1, 2);
    sessionsLeft > 0 && problems.length === 0;
    sessionsLeft -= 1
  ) {
    const steps = random.between(20, 300)
    const boot = `boot-${(boots += 1)}`
    problems.push(
      ...(await catchDefect(
        runBootSession({ machine, random, faults, memories, steps, boot, observer: observations.observer, note }),
      )),
    )
    const writtenLog = await recoverLog(machine)
    problems.push(...observations.checkAfterRun(writtenLog, (machine.names.get('events.jsonl')?.failures() ?? 0) > 0))
    if (random.chance(70)) {
      powerCuts += 1
      machine.powerCut()
      observations.notePowerCut()
    }
    const isCorrupted = random.chance(10) && corruptLog(machine, random)
    const recoveredLog = await recoverLog(machine)
    note(
      () =>
        `recovered ${recoveredLog.events.length} events ${JSON.stringify(recoveredLog.damaged)}${isCorrupted ? ', one byte changed' : ''}`,
    )
    if (isCorrupted) observations.noteCorruption(recoveredLog.events.length)
    problems.push(...observations.checkAfterRestart(recoveredLog))
    if (writtenLog.damaged === undefined && !writtenLog.text.startsWith(recoveredLog.text))
      problems.push('the recovered log is not a prefix of the written log')
    if (recoveredLog.damaged === undefined) continue
    repairs += 1
    problems.push(...(await repairUntilSound(machine, random, faults, note, recoveredLog.text)))
  }
  return { problems, answers: observations.answers(), powerCuts, repairs }
}

const createMemory = (worker: string): WorkerMemory => ({ worker, tokens: [], requests: [], commandCount: 0 })

const catchDefect = async (session: Promise<void>): Promise<ReadonlyArray<string>> => {
  try {
    await session
    return []
  } catch (defect) {
    return [`defect: ${defect instanceof Error ? (defect.stack ?? defect.message) : String(defect)}`]
  }
}

/** Changes a byte of the log on its disk; false if the log is empty. */
const corruptLog = (machine: VirtualMachine, random: Random): boolean => {
  const log = machine.names.get('events.jsonl')
  const bytes = log?.content().length ?? 0
  if (bytes > 0) log?.corruptByte(random.between(0, bytes - 1))
  return bytes > 0
}
