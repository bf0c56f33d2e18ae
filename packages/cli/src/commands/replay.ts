import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { type Moment, queueFileName } from '@claimlog/coordinator'
import { allTasks, emptyState, type Event, fold, queueFile, queueFileText, type State } from '@claimlog/domain'
import type { EventLog, ReadFailure } from '@claimlog/event-log'
import { atOption } from '../arguments.ts'
import { firstDifference } from '../first-difference.ts'
import { shownPath } from '../output.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../progress.ts'
import { counted } from '../counted.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import { look } from '../looking.ts'
import { inWorkspace, type Session, type Settings } from '../session.ts'

type Options = { readonly check?: true; readonly at?: Moment }

export const replay = (program: Command): void => {
  program
    .command('replay')
    .description('rebuild the state and queue.json from events.jsonl')
    .option('--check', 'write nothing; exit code 6 where queue.json is not what events.jsonl says')
    .addOption(atOption('write nothing; print the queue.json of then: after the event of this seq, or at a time'))
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      const outcome = await replayed(settings)
      finish('people', settings.json === true, outcome)
    })
}

const replayed = async (settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  if (settings.at === undefined)
    return inWorkspace(settings, session => (settings.check === true ? check(session) : rebuild(session)))
  if (settings.check === true)
    return E.left({ usage: 'usage', detail: '--check is about queue.json as it is now', mend: 'leave out --at' })
  return look(
    settings,
    state => E.right(queueFile(state)),
    json => ({ json }),
  )
}

/** Folds the whole log from its first line, telling how far it is. */
const foldAll = async (dir: string, log: EventLog<Event>): Promise<E.Either<ReadFailure | CliError, State>> => {
  let state = emptyState()
  const end = await withProgress(dir, 'replayed', report =>
    log.readAfter(0, events => {
      state = fold(state, events)
      report(state.seq)
    })(),
  )
  if (E.isLeft(end)) return end
  return state.workspace === undefined ? E.left({ error: 'no_workspace' }) : E.right(state)
}

const rebuild = async ({ dir, log, queueFile }: Session): Promise<E.Either<CliError, Output>> => {
  const folded = await foldAll(dir, log)
  if (E.isLeft(folded)) return folded
  if (!(await queueFile.rewrite(() => folded.right)))
    return E.left({ usage: 'queue_not_written', path: join(dir, queueFileName) })
  return E.right(outcome(folded.right, dir, 'written'))
}

const check = async ({ dir, log }: Session): Promise<E.Either<CliError, Output>> => {
  const folded = await foldAll(dir, log)
  if (E.isLeft(folded)) return folded
  const expected = queueFileText(folded.right)
  const queuePath = join(dir, queueFileName)
  const found = existsSync(queuePath) ? readFileSync(queuePath, 'utf8') : undefined
  if (found === expected) return E.right(outcome(folded.right, dir, 'the same'))
  const detail = found === undefined ? 'it is missing' : firstDifference(found, expected)
  return E.left({ usage: 'queue_differs', detail })
}

const outcome = (state: State, dir: string, queueFile: 'written' | 'the same'): Output => {
  const tasks = allTasks(state).length
  return {
    json: { ok: true, seq: state.seq, tasks, queue_file: queueFile },
    text: () =>
      `${counted(state.seq, 'event')} replayed, ${counted(tasks, 'task')}; ${shownPath(join(dir, queueFileName))} is ${queueFile}\n`,
  }
}
