import { join } from 'node:path'
import type { Syncing } from './contenders/contender.ts'
import { type Crew, type Duty, type Outcome, withCrew } from './crew.ts'
import { makeQueue } from './queue-maker.ts'
import { removeDir } from './remove-dir.ts'

/** More cycles than anybody does in a second, where nothing is known yet. */
const mostAtFirst = ({ syncing, processes }: Crew, { lanes = 1 }: Duty): number => {
  if (lanes > 1) return 100_000
  if (syncing === 'synced') return 25_000
  return processes === 1 ? 150_000 : 70_000
}

/** Does one duty of a crew in a queue of its own. */
export type Trials = (duty: Duty) => Promise<Outcome>

/**
 * Trials of a crew, each in a fresh queue in `dir`, which is deleted afterwards. It holds twice the tasks that the crew
 * got through at its fastest, so that they last; more would cost time to make and to read, and be a larger queue.
 */
export const trialsOf = (dir: string, crew: Crew): Trials => {
  const fastest: Partial<Record<Duty['way'], number>> = {}
  return async duty => {
    const queueDir = join(dir, `${crew.contender}-queue`)
    const { [duty.way]: known } = fastest
    const perSecond = known === undefined ? mostAtFirst(crew, duty) : 2 * known
    const tasks = Math.ceil((perSecond * (duty.warmUpMs + duty.countMs)) / 1000)
    makeQueue(crew.contender, queueDir, duty.way === 'add' || duty.way === 'bulk' ? 0 : tasks)
    await crew.open(queueDir)
    const outcome = await crew.work(duty)
    await crew.close()
    removeDir(queueDir)
    fastest[duty.way] = Math.max(known ?? 0, outcome.perSecond)
    return outcome
  }
}

/** How long a crew works before anything counts: a process's compiler wants about half a second of a core. */
export const learningMs = (processes: number, quick: boolean): number =>
  Math.max(1000, 300 * processes) / (quick ? 4 : 1)

/**
 * Both contenders' crews at once, of which one rests while the other works, in queues in `dir`. No `theirs`: the peer is
 * not there.
 */
export const withBothCrews = <A>(
  { dir, peer }: { readonly dir: string; readonly peer: boolean },
  syncing: Syncing,
  processes: number,
  body: (ours: Trials, theirs: Trials | undefined) => Promise<A>,
): Promise<A> =>
  withCrew({ contender: 'claimlog', syncing, processes }, ours =>
    peer
      ? withCrew({ contender: 'sqlite', syncing, processes }, theirs =>
          body(trialsOf(dir, ours), trialsOf(dir, theirs)),
        )
      : body(trialsOf(dir, ours), undefined),
  )

/** The peer as it is called in the report: its `synchronous` setting says whether an answer waits for the disk. */
export const peerName: Readonly<Record<Syncing, string>> = { unsynced: 'SQLite NORMAL', synced: 'SQLite FULL' }
