import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { openQueueFile, type QueueFileNotice, queueFileName } from '@claimlog/queue-file'
import {
  allTasks,
  emptyState,
  type Event,
  fold,
  lineCodec,
  printable,
  recordRepair,
  repairedSeqs,
  type State,
} from '@claimlog/domain'
import {
  openFileLog,
  planRepair,
  repairFileLog,
  type RepairedLog,
  type RepairPlan,
  type SoundLog,
} from '@claimlog/event-log-file'
import type { EventLog } from '@claimlog/event-log'
import { dirname, join } from 'node:path'
import { countArgument } from '../../input/arguments.ts'
import { planSidesOf, repairMerged } from './merged-log.ts'
import { shownPath } from '@claimlog/messages'
import { tell } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import type { RepairView } from '@claimlog/wire'
import { answerPeople, callOptions, findLog, type Output, rendered, type Settings, settingsOf } from '../../run.ts'

type Options = { readonly yes?: true; readonly keep?: number }

export const repair = (program: Command): void => {
  program
    .command('repair')
    .description('say how a damaged events.jsonl would be cut; with --yes, cut it and keep the rest beside it')
    .option('--keep <side>', 'of a log that git merged out of two copies: the side that it goes on with', countArgument)
    .option('--yes', 'do it')
    .addHelpText('after', afterwards)
    .action((_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      return pipe(
        TE.fromEither(findLog(settings.dir)),
        TE.chainW(dir => repairLog(dir, settings)),
        answerPeople(settings),
      )
    })
}

const afterwards = `
A log that holds two sides, as git merged two copies of it, is not cut: each side is written to a file of its own, the log
goes on with the one that --keep names, and claimlog reconcile brings the other one's work over.`

const repairLog = (dir: string, settings: Options & Settings): TE.TaskEither<CliError, Output> =>
  pipe(
    planSidesOf(dir),
    TE.chainW(merged => {
      if (merged !== undefined) return repairMerged(dir, settings, merged, afterRepair)
      return settings.keep === undefined ? repairDamaged(dir, settings) : TE.left(noSides)
    }),
  )

type Planned = { readonly plan: RepairPlan | SoundLog; readonly state: State }

const repairDamaged = (dir: string, settings: Settings & Options): TE.TaskEither<CliError, Output> =>
  pipe(
    planCut(dir),
    TE.chainW(({ plan, state }) => {
      if (plan.log === 'sound') return TE.fromEither(nothingToRepair(plan))
      const { damage, path } = plan
      // Nothing of the log is in this file, so there is nothing to keep, and nothing to cut.
      if (damage.cause === 'pointer') return TE.left<CliError, Output>({ failure: 'LogDamaged', path, ...damage })
      return settings.yes === true ? repairNow(dir, settings) : TE.right(planOutput(plan, state, settings))
    }),
  )

const planCut = (dir: string): TE.TaskEither<CliError, Planned> => {
  let state = emptyState()
  return pipe(
    planRepair<Event>({ dir, codec: lineCodec }, events => {
      state = fold(state, events)
    }),
    TE.map(plan => ({ plan, state })),
  )
}

const planOutput = (plan: RepairPlan, state: State, settings: Settings): Output => {
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: false,
    ...viewOf(plan, plan.quarantinePath),
    kept: { events: plan.keptSeq, tasks: allTasks(state).length },
  }
  return { json: view, text: rendered(({ renderPlan }) => renderPlan(view, plan, settings.dir)) }
}

const noSides: CliError = {
  usage: 'usage',
  detail: '--keep chooses a side of a log that two copies were merged into, and this one has no sides',
  mend: 'claimlog repair says what it would do',
}

const viewOf = (
  { damage, from, bytes, lines, ...found }: RepairPlan | RepairedLog,
  path: string,
): Pick<RepairView, 'damage' | 'quarantine' | 'spent'> => ({
  damage,
  quarantine: { path, from, bytes, lines },
  spent: repairedSeqs(found),
})

const nothingToRepair = ({ seq, unfinishedBytes }: SoundLog): E.Either<CliError, Output> => {
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const view: RepairView = { ok: true, damaged: false, repaired: false, seq }
  return E.right({ json: view, text: rendered(({ renderSound }) => renderSound(seq, unfinishedBytes)) })
}

const repairNow = (dir: string, settings: Settings): TE.TaskEither<CliError, Output> =>
  pipe(
    cutLog(dir, settings),
    TE.chainW(repaired =>
      repaired.log === 'sound' ? TE.fromEither(nothingToRepair(repaired)) : repairedOutput(dir, repaired),
    ),
  )

const cutLog = (dir: string, settings: Settings): TE.TaskEither<CliError, RepairedLog | SoundLog> => {
  const workspace = globalThis.crypto.randomUUID()
  const options = { dir, codec: lineCodec, lockTimeoutMs: settings.lockTimeout }
  return pipe(
    TE.fromEither(recordRepair({ command: 'repair', workspace, nowMs: Date.now(), ...callOptions(settings) })),
    TE.chainW(events =>
      repairFileLog<Event>(options, ({ damaged, quarantine, lastKept }) => {
        const { keptSeq, spentSeq, damage } = damaged
        return events({ keptSeq, keptTime: lastKept?.time, spentSeq, reason: damage.detail, quarantine })
      }),
    ),
  )
}

const repairedOutput = (dir: string, repaired: RepairedLog): TE.TaskEither<CliError, Output> =>
  pipe(
    afterRepair(dir),
    TE.map(state => {
      const view: RepairView = {
        ok: true,
        damaged: true,
        repaired: true,
        ...viewOf(repaired, join(dir, repaired.quarantine.name)),
        kept: { events: repaired.keptSeq, tasks: allTasks(state).length },
        seq: repaired.seq,
      }
      return { json: view, text: rendered(({ renderRepaired }) => renderRepaired(view)) }
    }),
  )

/** Reads the repaired log, and brings `queue.json` to what it says now. */
const afterRepair = (dir: string): TE.TaskEither<CliError, State> =>
  pipe(
    openFileLog<Event>({ dir, codec: lineCodec }),
    TE.chainW(log =>
      TE.bracket<CliError, EventLog<Event>, State>(
        TE.right(log),
        opened => readAndProject(dir, opened),
        opened => TE.fromTask(opened.close),
      ),
    ),
  )

const readAndProject = (dir: string, log: EventLog<Event>): TE.TaskEither<CliError, State> => {
  let state = emptyState()
  const queueFile = openQueueFile({ dir, log, notify: tellOfQueueFile, mode: 'each' })
  return pipe(
    log.readAfter(0, events => {
      state = fold(state, events)
    }),
    TE.chainTaskK(() => () => queueFile.rewrite(() => state)),
    TE.map(() => state),
  )
}

/** A queue.json of before the repair is not what the log says now, though nobody edited it. */
const tellOfQueueFile = (notice: QueueFileNotice): void => {
  switch (notice.notice) {
    case 'QueueFileEdited':
    case 'LogWentBack':
      tell(
        `claimlog: ${shownPath(join(dirname(notice.path), queueFileName))} was not what the repaired log says, as it may show what was lost;\n` +
          `  it is kept as ${shownPath(notice.keptAs)}.\n`,
      )
      return
    case 'QueueFileNotWritten':
      tell(
        `claimlog: ${shownPath(notice.path)} could not be brought up to date: ${printable(notice.detail)}\n` +
          '  The repair itself is done. claimlog replay writes the file anew.\n',
      )
      return
    // The repaired log's file is written on request.
    case 'QueueFileTooLarge':
  }
}
