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
import { parseCountArgument } from '../../input/arguments.ts'
import { repairMerged } from './merged-log.ts'
import { writeStderr } from '../../output/output.ts'
import type { CliError } from '../../cli-error.ts'
import { eventSummary, type RepairView } from '@claimlog/wire'
import {
  printForPeople,
  toCallOptions,
  findLog,
  type CommandOutput,
  renderLazily,
  type Settings,
  readSettings,
} from '../../run.ts'

type RepairFlags = { readonly yes?: true; readonly keep?: number }

export const repair = (program: Command): void => {
  program
    .command('repair')
    .description(
      'Preview the repair of a damaged events.jsonl; with --yes, truncate it and keep the rest in another file',
    )
    .option('--keep <side>', 'For a log that git merged from two copies: the side to continue with', parseCountArgument)
    .option('--yes', 'Repair the log')
    .action((_options, command: Command) => {
      const settings = readSettings<RepairFlags>(command)
      return pipe(
        TE.fromEither(findLog(settings)),
        TE.mapLeft(explainServer),
        TE.chainW(dir => runRepair(dir, settings)),
        printForPeople(settings),
      )
    })
}

/** Nothing on a server is truncated: its backup is sound, and other machines may be at work. */
const explainServer = (error: CliError): CliError =>
  'failure' in error && error.failure === 'LogOnServer'
    ? {
        usage: 'bad_input',
        detail: `claimlog repair works on files, and the log is on a server: ${error.url}`,
        hint: 'restore the database from a backup, then check the log with claimlog verify',
      }
    : error

const runRepair = (dir: string, settings: RepairFlags & Settings): TE.TaskEither<CliError, CommandOutput> => {
  const request = { dir, lockTimeoutMs: settings.lockTimeout, notify: printQueueFileNotice, ...toCallOptions(settings) }
  return pipe(
    planSides(dir, eventSummary),
    TE.chainW(merged => {
      if (merged !== undefined) return repairMerged(request, settings, merged)
      return settings.keep === undefined ? repairDamagedLog(request, settings) : TE.left(noSidesError)
    }),
  )
}

const repairDamagedLog = (
  request: RepairRequest,
  settings: Settings & RepairFlags,
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    planRepair(request.dir),
    TE.chainW(plan => {
      if (plan._tag === 'sound') return TE.fromEither(toSoundOutput(plan))
      const { damage, path } = plan
      // The file contains a pointer instead of the log, so there is nothing to keep and nothing to truncate.
      if (damage.cause === 'pointer')
        return TE.left<CliError, CommandOutput>({ failure: 'LogDamaged', path, ...damage })
      return settings.yes === true ? repairNow(request) : TE.right(toPlanOutput(plan, settings))
    }),
  )

const toPlanOutput = (plan: RepairPreview, settings: Settings): CommandOutput => {
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: false,
    ...toDamageView(plan, plan.quarantinePath),
    kept: { events: plan.keptSeq, tasks: plan.tasks },
  }
  return { json: view, text: renderLazily(({ renderPlan }) => renderPlan(view, plan, settings.dir)) }
}

const noSidesError: CliError = {
  usage: 'usage',
  detail: '--keep chooses a side of a log that git merged from two copies, and this log has no sides',
  hint: 'claimlog repair shows what it would do',
}

const toDamageView = (
  { damage, from, bytes, lines, spent }: RepairPreview | RepairResult,
  path: string,
): Pick<RepairView, 'damage' | 'quarantine' | 'spent'> => ({
  damage,
  quarantine: { path, from, bytes, lines },
  spent,
})

type LogExtent = { readonly seq: number; readonly unfinishedBytes: number }

const toSoundOutput = ({ seq, unfinishedBytes }: LogExtent): E.Either<CliError, CommandOutput> => {
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const view: RepairView = { ok: true, damaged: false, repaired: false, seq }
  return E.right({ json: view, text: renderLazily(({ renderSound }) => renderSound(seq, unfinishedBytes)) })
}

const repairNow = (request: RepairRequest): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    repairLog(request),
    TE.chainEitherKW(repaired =>
      repaired._tag === 'sound' ? toSoundOutput(repaired) : E.right(toRepairedOutput(request.dir, repaired)),
    ),
  )

const toRepairedOutput = (dir: string, repaired: RepairResult): CommandOutput => {
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: true,
    ...toDamageView(repaired, join(dir, repaired.quarantine.name)),
    kept: { events: repaired.keptSeq, tasks: repaired.tasks },
    seq: repaired.seq,
  }
  return { json: view, text: renderLazily(({ renderRepaired }) => renderRepaired(view)) }
}

/** After a repair, queue.json does not match the log although no one edited it: the notices are worded for that. */
const printQueueFileNotice: RepairRequest['notify'] = notice => {
  switch (notice.notice) {
    case 'QueueFileEdited':
    case 'LogWentBack':
      writeStderr(
        `claimlog: ${displayPath(join(dirname(notice.path), queueFileName))} did not match the repaired log and may show what was lost;\n` +
          `  it is kept as ${displayPath(notice.keptAs)}.\n`,
      )
      return
    case 'QueueFileNotWritten':
      writeStderr(
        `claimlog: ${displayPath(notice.path)} could not be brought up to date: ${toPrintable(notice.detail)}\n` +
          '  The repair itself succeeded. claimlog replay rebuilds the file.\n',
      )
      return
    // A repair writes queue.json whatever its size.
    case 'QueueFileTooLarge':
  }
}
