import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { allTasks, type Event, lineCodec, recordRepair, repairedSeqs, type State } from '@claimlog/domain'
import { keepSide, type KeptSide, type MergedLog, planSides } from '@claimlog/event-log-file'
import { join } from 'node:path'
import { type EventSummary, eventSummary, type RepairView, type SideView } from '@claimlog/wire'
import type { CliError } from '../../problem.ts'
import { callOptions, type Output, rendered, type Settings } from '../../run.ts'

/** A log that copies were merged into, and the events of each side, as far as the sides differ. */
export type MergedPlan = { readonly log: MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<EventSummary>> }

/** The sides of the log in `dir`; undefined: no copies were merged into it. */
export const planSidesOf = (dir: string): TE.TaskEither<CliError, MergedPlan | undefined> => {
  const events: Array<Array<EventSummary>> = []
  return pipe(
    planSides<Event>({ dir, codec: lineCodec }, (side, taken) => {
      const own = (events[side - 1] ??= [])
      for (const event of taken) own.push(eventSummary(event))
    }),
    TE.map(log => log && { log, tails: events.map(own => own.filter(({ seq }) => seq > log.commonSeq)) }),
  )
}

type Options = { readonly yes?: true; readonly keep?: number }

/** Says what sides a merged log has or, if told to, has it go on with one; `afterRepair` reads the log as it is then. */
export const repairMerged = (
  dir: string,
  settings: Options & Settings,
  plan: MergedPlan,
  afterRepair: (dir: string) => TE.TaskEither<CliError, State>,
): TE.TaskEither<CliError, Output> => {
  const { sides } = plan.log
  const { keep = sides.length === 1 ? 1 : undefined, yes } = settings
  if (keep !== undefined && sides[keep - 1] === undefined) return TE.left(noSuchSide(keep, sides.length))
  if (yes === true && keep === undefined) return TE.left(noneChosen(sides.length))
  if (yes !== true || keep === undefined) return TE.right(planOutput(plan, settings))
  return pipe(
    keepNow(dir, settings, keep),
    TE.bindTo('kept'),
    TE.bindW('state', () => afterRepair(dir)),
    TE.map(({ kept, state }) => keptOutput(dir, settings, kept, keep, allTasks(state).length)),
  )
}

const planOutput = ({ log, tails }: MergedPlan, settings: Settings): Output => {
  const view = viewOf(log)
  return { json: view, text: rendered(({ renderSides }) => renderSides(view, tails, log.path, settings.dir)) }
}

const viewOf = ({ damage, commonSeq, strayLines, sides }: MergedLog): RepairView => ({
  ok: true,
  damaged: true,
  repaired: false,
  damage,
  common_seq: commonSeq,
  stray_lines: strayLines,
  sides: sides.map(({ label, path, seq }, i): SideView => ({
    side: i + 1,
    ...(label === undefined ? {} : { label }),
    path,
    seq,
    events: seq - commonSeq,
  })),
})

const keepNow = (dir: string, settings: Options & Settings, keep: number): TE.TaskEither<CliError, KeptSide> => {
  const workspace = globalThis.crypto.randomUUID()
  const options = { dir, codec: lineCodec, lockTimeoutMs: settings.lockTimeout }
  return pipe(
    TE.fromEither(recordRepair({ command: 'repair', workspace, nowMs: Date.now(), ...callOptions(settings) })),
    TE.chainW(events =>
      keepSide<Event>(options, keep, ({ keptSeq, spentSeq, damage, quarantine, lastKept }) =>
        events({ keptSeq, keptTime: lastKept.time, spentSeq, reason: damage.detail, quarantine }),
      ),
    ),
    TE.chainEitherKW(kept => (kept?.log === 'merged' ? E.right(kept) : E.left(changedMeanwhile))),
  )
}

const keptOutput = (dir: string, settings: Settings, kept: KeptSide, keep: number, tasks: number): Output => {
  const { quarantine, keptSeq, seq } = kept
  const view: RepairView = {
    ...viewOf(kept),
    repaired: true,
    quarantine: {
      path: join(dir, quarantine.name),
      from: quarantine.offset,
      bytes: quarantine.bytes,
      lines: kept.sides.reduce((lines, side) => lines + side.seq - kept.commonSeq, kept.strayLines),
    },
    kept: { events: keptSeq, tasks },
    spent: repairedSeqs({ keptSeq, spentSeq: seq }),
    seq,
    kept_side: keep,
  }
  return { json: view, text: rendered(({ renderKeptSide }) => renderKeptSide(view, settings.dir)) }
}

const noSuchSide = (keep: number, sides: number): CliError => ({
  usage: 'usage',
  detail: `there is no side ${keep}: the log has ${sides}`,
  mend: 'claimlog repair shows them',
})

const noneChosen = (sides: number): CliError => ({
  usage: 'usage',
  detail: `the log holds ${sides} sides, and which of them it goes on with has to be said`,
  mend: 'claimlog repair shows them; --keep 1 goes on with the first',
})

const changedMeanwhile: CliError = {
  usage: 'usage',
  detail: 'the log changed while it was looked at, and nothing was done',
  mend: 'claimlog repair shows how it is now',
}
