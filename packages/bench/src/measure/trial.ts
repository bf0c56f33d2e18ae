import { join } from 'node:path'
import type { Syncing } from '../contenders/contender.ts'
import { type Crew, type Duty, type Outcome, withCrew } from '../processes/crew.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { Way } from './shift.ts'

/** More cycles than anybody does in a second, where nothing is known yet. */
const mostAtFirst = ({ syncing, processes }: Crew, { lanes = 1 }: Duty): number => {
  if (lanes > 1) return 100_000
  if (syncing === 'synced') return 25_000
  return processes === 1 ? 150_000 : 70_000
}

/** Does one duty of a crew in a queue of its own. */
export type Trials = (duty: Duty) => Promise<Outcome>

/**
 * Trials of a crew, each in a fresh queue in `dir`, which is deleted afterwards. It holds twice the tasks that the
 * crew got through at its fastest, so that they last; more would cost time to make and to read, and be a larger queue.
 */
export const trialsOf = (dir: string, crew: Crew): Trials => {
  const queueDir = join(dir, `${crew.contender}-queue`)
  const fastest: Partial<Record<Way, number>> = {}

  const once = async (duty: Duty, tasks: number): Promise<Outcome> => {
    await makeQueue(crew.contender, queueDir, tasks)
    await crew.open(queueDir)
    const outcome = await crew.work(duty)
    // First of all, so that nobody writes a queue.json and a checkpoint that no one will read.
    removeDir(queueDir)
    await crew.close()
    return outcome
  }

  return async duty => {
    const { [duty.way]: known } = fastest
    const perSecond = known === undefined ? mostAtFirst(crew, duty) : Math.max(fewestPerSecond, 2 * known)
    const enough = duty.way === 'add' || duty.way === 'bulk' ? 0 : perSecond * (duty.warmUpMs + duty.countMs)
    for (let tries = 0; tries < maxTries; tries += 1) {
      const outcome = await once(duty, Math.ceil((enough / 1000) * 4 ** tries))
      fastest[duty.way] = Math.max(fastest[duty.way] ?? 0, outcome.perSecond)
      if (outcome.countedMs >= duty.countMs / 2) return outcome
    }
    throw new Error(`the tasks ran out too early, ${maxTries} times over`)
  }
}

/** Fewer may have been done while the machine did something else. */
const fewestPerSecond = 5000
const maxTries = 3

/**
 * How long a crew works before anything counts. Node compiles a function once it has run some thousand times, and each of
 * many processes runs it a few hundred times a second.
 */
export const learningMs = (processes: number, quick: boolean): number => (1000 * processes) / (quick ? 4 : 1)

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
