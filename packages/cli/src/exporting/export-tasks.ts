import * as E from 'fp-ts/lib/Either.js'
import { type Moment, pastsAt } from '@claimlog/coordinator/workspace'
import { type Event, type ListQuery, type State, type Time, timeOf } from '@claimlog/domain'
import type { TaskExport } from '@claimlog/export'
import { printable } from '../output.ts'
import type { CliError } from '../problem.ts'
import type { Session } from '../session.ts'
import { pieces } from './printing.ts'

/** Which tasks, and as of when. */
export type TasksAsked = { readonly query: ListQuery; readonly at: Moment | undefined }

/** Prints the tasks as `out` has them. `changed`: what is made of each event first; the log is then read from its first line. */
export const exportTasks = async (
  session: Pick<Session, 'log' | 'workspace'>,
  out: TaskExport,
  { query, at }: TasksAsked,
  changed: ((event: Event) => Event) | undefined,
): Promise<E.Either<CliError, void>> => {
  const printTasks = (state: State, now: Time): void => {
    const printed = pieces()
    for (const part of out(state, { query, now, shown: printable })) printed.add(part)
    printed.flush()
  }
  const { log, workspace } = session
  if (changed === undefined) return (at === undefined ? workspace : workspace.at(at)).read(printTasks)()
  const changing: Pick<Session['log'], 'readAfter'> = {
    readAfter: (seq, take, isEnough) =>
      log.readAfter(seq, (events, addresses) => take(events.map(changed), addresses), isEnough),
  }
  const now = timeOf(Date.now())
  const pasts = await pastsAt(changing, [at], now)
  if (E.isLeft(pasts)) return pasts
  for (const past of pasts.right) printTasks(past.state, at === undefined ? now : past.now)
  return E.right(undefined)
}
