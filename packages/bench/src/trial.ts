import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Syncing } from './contenders/contender.ts'
import { type Crew, type Duty, type Outcome, withCrew } from './crew.ts'
import { makeQueue } from './queue-maker.ts'

/** More cycles than anybody does in a second, so that the tasks last; they cost time to make and to read. */
const mostPerSecond = ({ syncing, processes }: Crew, { lanes = 1 }: Duty): number => {
  if (lanes > 1) return 100_000
  if (syncing === 'synced') return 25_000
  return processes === 1 ? 150_000 : 70_000
}

/** Makes a queue in `dir`, with tasks enough, lets a crew work on it, and deletes it. */
export const runTrial = async (dir: string, crew: Crew, duty: Duty): Promise<Outcome> => {
  const queueDir = join(dir, `${crew.contender}-queue`)
  const seconds = (duty.warmUpMs + duty.countMs) / 1000
  const adds = duty.way === 'add' || duty.way === 'bulk'
  makeQueue(crew.contender, queueDir, adds ? 0 : Math.ceil(mostPerSecond(crew, duty) * seconds))
  try {
    await crew.open(queueDir)
    const outcome = await crew.work(duty)
    await crew.close()
    return outcome
  } finally {
    rmSync(queueDir, { recursive: true })
  }
}

/** Both contenders' crews at once, of which one rests while the other works. No `theirs`: the peer is not there. */
export const withBothCrews = <A>(
  syncing: Syncing,
  processes: number,
  peer: boolean,
  body: (ours: Crew, theirs: Crew | undefined) => Promise<A>,
): Promise<A> =>
  withCrew({ contender: 'claimlog', syncing, processes }, ours =>
    peer ? withCrew({ contender: 'sqlite', syncing, processes }, theirs => body(ours, theirs)) : body(ours, undefined),
  )

/** The peer as it is called in the report: its `synchronous` setting says whether an answer waits for the disk. */
export const peerName: Readonly<Record<Syncing, string>> = { unsynced: 'SQLite NORMAL', synced: 'SQLite FULL' }
