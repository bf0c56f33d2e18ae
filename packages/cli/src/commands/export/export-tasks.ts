import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { isCheckpointDamage } from '@claimlog/checkpoint/damage'
import {
  elapsedAt,
  type Event,
  type ListQuery,
  type LocalQueue,
  type Moment,
  msOf,
  type Past,
  pastsAt,
  type State,
  type Time,
  timeOf,
} from '@claimlog/client/unstable-internals'
import { printable } from '@claimlog/domain'
import type { TaskExport } from '@claimlog/exporters'
import { warnOfUnknownKind } from '../../kind-check.ts'
import type { CliError } from '../../problem.ts'
import { readAndRefresh } from '../../run.ts'
import { pieces } from './printing.ts'

/** Which tasks, and as of when. */
export type TasksAsked = { readonly query: ListQuery; readonly at: Moment | undefined }

type Printed = { readonly parts: number; readonly now: Time; readonly damagedAt?: number }

/** Prints the tasks as `out` has them. `changed`: what is made of each event first; the log is then read from its first line. */
export const exportTasks =
  (
    queue: LocalQueue,
    out: TaskExport,
    { query, at }: TasksAsked,
    changed: ((event: Event) => Event) | undefined,
  ): TE.TaskEither<CliError, void> =>
  async () => {
    /** Prints all parts but so many; answers how many there are, or were before damage to the checkpoint, and of what. */
    const printTasks = (state: State, now: Time, from = 0): Printed => {
      if (from === 0) warnOfUnknownKind(state, query.kind)
      const printed = pieces()
      let parts = 0
      try {
        for (const part of out(state, { query, now, shown: printable })) {
          if (parts >= from) printed.add(part)
          parts += 1
        }
      } catch (thrown) {
        if (!isCheckpointDamage(thrown)) throw thrown
        return { parts, now, damagedAt: state.seq }
      } finally {
        printed.flush()
      }
      return { parts, now }
    }
    if (changed === undefined) {
      const reading = queue.query(printTasks, { at })
      const read = await (at === undefined ? readAndRefresh(queue, reading) : reading)()
      if (E.isLeft(read) || read.right.damagedAt === undefined) return E.map(() => undefined)(read)
      // The same state, from the log alone, comes to the same parts.
      const { parts, now, damagedAt } = read.right
      const again = await queue.query(state => printTasks(state, now, parts), { at: { seq: damagedAt } })()
      return E.map(() => undefined)(again)
    }
    const changing: Parameters<typeof pastsAt>[0] = {
      readAfter: (seq, take, isEnough) =>
        queue.readEvents(seq, (events, addresses) => take(events.map(changed), addresses), isEnough),
    }
    const now = timeOf(Date.now())
    const pasts = await pastsAt(changing, [at], now)()
    return E.map((states: ReadonlyArray<Past>) => {
      for (const { state, now: then } of states)
        printTasks(state, at === undefined ? elapsedAt(state.time, state.clock, msOf(now)) : then)
    })(pasts)
  }
