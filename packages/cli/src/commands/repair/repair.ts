import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { printable, queueFileName, shownPath } from '@claimlog/client/unstable-internals'
import {
  planRepair,
  planSides,
  type RepairCall,
  type RepairedLog,
  repairLog,
  type RepairPlan,
} from '@claimlog/doctor/repair'
import { dirname, join } from 'node:path'
import { countArgument } from '../../input/arguments.ts'
import { repairMerged } from './merged-log.ts'
import { tell } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import { eventSummary, type RepairView } from '@claimlog/wire'
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
        TE.chainW(dir => repairAsAsked(dir, settings)),
        answerPeople(settings),
      )
    })
}

const afterwards = `
A log that holds two sides, as git merged two copies of it, is not cut: each side is written to a file of its own, the log
goes on with the one that --keep names, and claimlog reconcile brings the other one's work over.`

const repairAsAsked = (dir: string, settings: Options & Settings): TE.TaskEither<CliError, Output> => {
  const call = { dir, lockTimeoutMs: settings.lockTimeout, notify: tellOfQueueFile, ...callOptions(settings) }
  return pipe(
    planSides(dir, eventSummary),
    TE.chainW(merged => {
      if (merged !== undefined) return repairMerged(call, settings, merged)
      return settings.keep === undefined ? repairDamaged(call, settings) : TE.left(noSides)
    }),
  )
}

const repairDamaged = (call: RepairCall, settings: Settings & Options): TE.TaskEither<CliError, Output> =>
  pipe(
    planRepair(call.dir),
    TE.chainW(plan => {
      if (plan.log === 'sound') return TE.fromEither(nothingToRepair(plan))
      const { damage, path } = plan
      // Nothing of the log is in this file, so there is nothing to keep, and nothing to cut.
      if (damage.cause === 'pointer') return TE.left<CliError, Output>({ failure: 'LogDamaged', path, ...damage })
      return settings.yes === true ? repairNow(call) : TE.right(planOutput(plan, settings))
    }),
  )

const planOutput = (plan: RepairPlan, settings: Settings): Output => {
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: false,
    ...viewOf(plan, plan.quarantinePath),
    kept: { events: plan.keptSeq, tasks: plan.tasks },
  }
  return { json: view, text: rendered(({ renderPlan }) => renderPlan(view, plan, settings.dir)) }
}

const noSides: CliError = {
  usage: 'usage',
  detail: '--keep chooses a side of a log that two copies were merged into, and this one has no sides',
  mend: 'claimlog repair says what it would do',
}

const viewOf = (
  { damage, from, bytes, lines, spent }: RepairPlan | RepairedLog,
  path: string,
): Pick<RepairView, 'damage' | 'quarantine' | 'spent'> => ({
  damage,
  quarantine: { path, from, bytes, lines },
  spent,
})

type NoDamage = { readonly seq: number; readonly unfinishedBytes: number }

const nothingToRepair = ({ seq, unfinishedBytes }: NoDamage): E.Either<CliError, Output> => {
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const view: RepairView = { ok: true, damaged: false, repaired: false, seq }
  return E.right({ json: view, text: rendered(({ renderSound }) => renderSound(seq, unfinishedBytes)) })
}

const repairNow = (call: RepairCall): TE.TaskEither<CliError, Output> =>
  pipe(
    repairLog(call),
    TE.chainEitherKW(repaired =>
      repaired.log === 'sound' ? nothingToRepair(repaired) : E.right(repairedOutput(call.dir, repaired)),
    ),
  )

const repairedOutput = (dir: string, repaired: RepairedLog): Output => {
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: true,
    ...viewOf(repaired, join(dir, repaired.quarantine.name)),
    kept: { events: repaired.keptSeq, tasks: repaired.tasks },
    seq: repaired.seq,
  }
  return { json: view, text: rendered(({ renderRepaired }) => renderRepaired(view)) }
}

/** A queue.json of before the repair is not what the log says now, though nobody edited it. */
const tellOfQueueFile: RepairCall['notify'] = notice => {
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
