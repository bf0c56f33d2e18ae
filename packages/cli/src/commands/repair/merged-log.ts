import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { join } from 'node:path'
import type { EventSummary, RepairView, SideView } from '@claimlog/wire'
import { keepSide, type KeepSideResult, type RepairRequest, type SidePlan } from '@claimlog/doctor/repair'
import type { CliError } from '../../cli-error.ts'
import { type CommandOutput, renderLazily, type Settings } from '../../run.ts'

type MergedLogFlags = { readonly yes?: true; readonly keep?: number }

/** Shows the sides of a merged log or, with `--yes`, continues the log with one of them. */
export const repairMerged = (
  request: RepairRequest,
  settings: MergedLogFlags & Settings,
  merged: SidePlan<EventSummary>,
): TE.TaskEither<CliError, CommandOutput> => {
  const { sides } = merged.log
  const { keep = sides.length === 1 ? 1 : undefined, yes } = settings
  if (keep !== undefined && sides[keep - 1] === undefined) return TE.left(noSuchSideError(keep, sides.length))
  if (yes === true && keep === undefined) return TE.left(noSideError(sides.length))
  if (yes !== true || keep === undefined) return TE.right(toSidesOutput(merged, settings))
  return pipe(
    keepSide(request, keep),
    TE.filterOrElseW(
      (kept): kept is KeepSideResult => kept !== undefined,
      () => logChangedError,
    ),
    TE.map(kept => toKeptOutput(request.dir, settings, kept, keep)),
  )
}

const toSidesOutput = ({ log, tails }: SidePlan<EventSummary>, settings: Settings): CommandOutput => {
  const view = toRepairView(log)
  return { json: view, text: renderLazily(({ renderSides }) => renderSides(view, tails, log.path, settings.dir)) }
}

const toRepairView = ({ damage, commonSeq, strayLines, sides }: SidePlan<unknown>['log']): RepairView => ({
  ok: true,
  damaged: true,
  repaired: false,
  damage,
  commonSeq,
  strayLines,
  sides: sides.map(({ label, path, seq }, i): SideView => ({
    side: i + 1,
    ...(label === undefined ? {} : { label }),
    path,
    seq,
    events: seq - commonSeq,
  })),
})

const toKeptOutput = (dir: string, settings: Settings, kept: KeepSideResult, keep: number): CommandOutput => {
  const { quarantine, lines, keptSeq, spent, seq, tasks } = kept
  const view: RepairView = {
    ...toRepairView(kept),
    repaired: true,
    quarantine: {
      path: join(dir, quarantine.name),
      from: quarantine.offset,
      bytes: quarantine.bytes,
      lines,
    },
    kept: { events: keptSeq, tasks },
    spent,
    seq,
    keptSide: keep,
  }
  return { json: view, text: renderLazily(({ renderKeptSide }) => renderKeptSide(view, settings.dir)) }
}

const noSuchSideError = (keep: number, sides: number): CliError => ({
  usage: 'usage',
  detail: `there is no side ${keep}: the log has ${sides}`,
  hint: 'claimlog repair lists them',
})

const noSideError = (sides: number): CliError => ({
  usage: 'usage',
  detail: `the log has ${sides} sides; choose the one to continue with`,
  hint: 'claimlog repair lists them; --keep 1 continues with the first',
})

const logChangedError: CliError = {
  usage: 'usage',
  detail: 'the log changed while it was being read; nothing was done',
  hint: 'claimlog repair shows its current state',
}
