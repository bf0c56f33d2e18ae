import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec } from '@claimlog/domain'
import type { LogDamaged } from '@claimlog/event-log'
import { openFileLog } from '@claimlog/event-log-file'
import { seededRandom } from '../programs/seeded-random.mjs'
import { noFaults } from './faults.ts'
import { simulatedProcess } from './simulated-process.ts'
import type { VirtualMachine } from './virtual-machine.ts'
import { workspaceDir } from './simulated-worker.ts'

export type RecoveredLog = {
  readonly events: ReadonlyArray<Event>
  /** The bytes of the complete decisions before the damage or the end. */
  readonly text: string
  readonly damaged: LogDamaged | undefined
}

/** Reads the log as a process does that opens it now, without faults. */
export const recoverLog = async (machine: VirtualMachine): Promise<RecoveredLog> => {
  const process = simulatedProcess('reader', {
    machine,
    random: seededRandom(1),
    faults: noFaults,
    runOthers: () => undefined,
    sleep: async () => undefined,
    note: () => undefined,
  })
  const { disk, timers } = process
  const log = await openFileLog<Event>({ dir: workspaceDir, codec: lineCodec, disk, timers })()
  if (E.isLeft(log)) throw new Error(`the log cannot be opened: ${JSON.stringify(log.left)}`)
  const events: Array<Event> = []
  const read = await log.right.read(0, batch => events.push(...batch))()
  if (E.isLeft(read) && read.left.failure !== 'LogDamaged') throw new Error(JSON.stringify(read.left))
  const bytes = machine.names.get('events.jsonl')?.content().toString('utf8') ?? ''
  process.kill()
  return {
    events,
    text: bytes
      .split('\n')
      .slice(0, events.length)
      .map(line => `${line}\n`)
      .join(''),
    damaged: E.isLeft(read) ? (read.left as LogDamaged) : undefined,
  }
}
