import { join } from 'node:path'
import type { Syncing } from '../contenders/contender.ts'
import { type Crew, type Duty, type Outcome, withCrew } from '../processes/crew.ts'
import { makeQueue } from '../workspaces/queue-maker.ts'
import { removeDir } from '../workspaces/remove-dir.ts'
import type { Way } from './shift.ts'

/** More cycles per second than any contender does: an estimate before the first measurement. */
const mostAtFirst = ({ syncing, processes }: Crew, { lanes = 1 }: Duty): number => {
  if (lanes > 1) return 100_000
  if (syncing === 'synced') return 25_000
  return processes === 1 ? 150_000 : 70_000
}

/** Runs one phase of the workers in a separate queue. */
export type Trials = (duty: Duty) => Promise<Outcome>

/**
 * Runs phases of the workers, each in a new queue in `dir`, which is deleted afterwards. The queue has twice the tasks
 * of their fastest phase, so that they do not run out; more would take time to write and read, and make it larger.
 */
export const trialsOf = (dir: string, crew: Crew): Trials => {
  const queueDir = join(dir, `${crew.contender}-queue`)
  const fastest: Partial<Record<Way, number>> = {}

  const once = async (duty: Duty, tasks: number): Promise<Outcome> => {
    await makeQueue(crew.contender, queueDir, tasks)
    await crew.open(queueDir)
    const outcome = await crew.work(duty)
    // Before the close, so that no process writes a queue.json and a checkpoint that no one will read.
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
    throw new Error(`the tasks ran out too early ${maxTries} times`)
  }
}

/** A lower rate was probably measured while the machine was busy with something else. */
const fewestPerSecond = 5000
const maxTries = 3

/**
 * Time that the workers run before anything counts. Node compiles a function after some thousand calls, and each of
 * many processes calls it a few hundred times a second.
 */
export const learningMs = (processes: number, quick: boolean): number => (1000 * processes) / (quick ? 4 : 1)

/**
 * Starts the workers of both contenders in queues in `dir`; one group is idle while the other runs. There is no
 * second runner if the peer is not installed.
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

/** The peer's name in the report. With `synchronous` FULL a call waits for the disk, with NORMAL it does not. */
export const peerName: Readonly<Record<Syncing, string>> = { unsynced: 'SQLite NORMAL', synced: 'SQLite FULL' }
