import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { toPrintable, queueFileName, displayPath } from '@claimlog/client/unstable-internals'
import {
  planRepair,
  planSides,
  type RepairRequest,
  type RepairResult,
  repairLog,
  type RepairPreview,
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
    .description(
      'Preview the repair of a damaged events.jsonl; with --yes, truncate it and keep the rest in another file',
    )
    .option('--keep <side>', 'For a log that git merged from two copies: the side to continue with', countArgument)
    .option('--yes', 'Repair the log')
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
A log with two sides, because git merged two copies of it, is not truncated: each side is written to a separate file, the
log continues with the one given by --keep, and claimlog reconcile brings the other one's work over.`

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

const repairDamaged = (call: RepairRequest, settings: Settings & Options): TE.TaskEither<CliError, Output> =>
  pipe(
    planRepair(call.dir),
    TE.chainW(plan => {
      if (plan.log === 'sound') return TE.fromEither(nothingToRepair(plan))
      const { damage, path } = plan
      // The file contains a pointer instead of the log, so there is nothing to keep and nothing to truncate.
      if (damage.cause === 'pointer') return TE.left<CliError, Output>({ failure: 'LogDamaged', path, ...damage })
      return settings.yes === true ? repairNow(call) : TE.right(planOutput(plan, settings))
    }),
  )

const planOutput = (plan: RepairPreview, settings: Settings): Output => {
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
  detail: '--keep chooses a side of a log that git merged from two copies, and this log has no sides',
  mend: 'claimlog repair shows what it would do',
}

const viewOf = (
  { damage, from, bytes, lines, spent }: RepairPreview | RepairResult,
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

const repairNow = (call: RepairRequest): TE.TaskEither<CliError, Output> =>
  pipe(
    repairLog(call),
    TE.chainEitherKW(repaired =>
      repaired.log === 'sound' ? nothingToRepair(repaired) : E.right(repairedOutput(call.dir, repaired)),
    ),
  )

const repairedOutput = (dir: string, repaired: RepairResult): Output => {
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

/** After a repair, queue.json does not match the log although no one edited it: the notices are worded for that. */
const tellOfQueueFile: RepairRequest['notify'] = notice => {
  switch (notice.notice) {
    case 'QueueFileEdited':
    case 'LogWentBack':
      tell(
        `claimlog: ${displayPath(join(dirname(notice.path), queueFileName))} did not match the repaired log and may show what was lost;\n` +
          `  it is kept as ${displayPath(notice.keptAs)}.\n`,
      )
      return
    case 'QueueFileNotWritten':
      tell(
        `claimlog: ${displayPath(notice.path)} could not be brought up to date: ${toPrintable(notice.detail)}\n` +
          '  The repair itself succeeded. claimlog replay rebuilds the file.\n',
      )
      return
    // A repair writes queue.json whatever its size.
    case 'QueueFileTooLarge':
  }
}
