import * as E from 'fp-ts/lib/Either.js'
import { allTasks, type Event, lineCodec, recordRepair, repairedSeqs, type State } from '@claimlog/domain'
import { keepSide, type KeptSide, type MergedLog, planSides } from '@claimlog/event-log-file'
import { join } from 'node:path'
import { type EventSummary, summaryOf } from '../../render/event-summary.ts'
import type { CliError } from '../../problem.ts'
import type { RepairView, SideView } from '../../render/repair.ts'
import type { Output } from '../../run.ts'
import { type Settings, stampOf } from '../../session.ts'

/** A log that copies were merged into, and the events of each side, as far as the sides differ. */
export type MergedPlan = { readonly log: MergedLog; readonly tails: ReadonlyArray<ReadonlyArray<EventSummary>> }

/** The sides of the log in `dir`; undefined: no copies were merged into it. */
export const planSidesOf = async (dir: string): Promise<E.Either<CliError, MergedPlan | undefined>> => {
  const events: Array<Array<EventSummary>> = []
  const planned = await planSides<Event>({ dir, codec: lineCodec }, (side, taken) => {
    const own = (events[side - 1] ??= [])
    for (const event of taken) own.push(summaryOf(event))
  })()
  if (E.isLeft(planned) || planned.right === undefined) return planned as E.Either<CliError, undefined>
  const log = planned.right
  return E.right({ log, tails: events.map(own => own.filter(({ seq }) => seq > log.commonSeq)) })
}

type Options = { readonly yes?: true; readonly keep?: number }

/** Says what sides a merged log has or, if told to, has it go on with one; `afterRepair` reads the log as it is then. */
export const repairMerged = async (
  dir: string,
  settings: Options & Settings,
  plan: MergedPlan,
  afterRepair: (dir: string) => Promise<E.Either<CliError, State>>,
): Promise<E.Either<CliError, Output>> => {
  const { sides } = plan.log
  const { keep = sides.length === 1 ? 1 : undefined, yes } = settings
  if (keep !== undefined && sides[keep - 1] === undefined) return E.left(noSuchSide(keep, sides.length))
  if (yes === true && keep !== undefined) return keepNow(dir, settings, keep, afterRepair)
  if (yes === true) return E.left(noneChosen(sides.length))
  const { renderSides } = await import('../../render/index.ts')
  const view = viewOf(plan.log)
  return E.right({ json: view, text: () => renderSides(view, plan.tails, plan.log.path, settings.dir) })
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

const keepNow = async (
  dir: string,
  settings: Options & Settings,
  keep: number,
  afterRepair: (dir: string) => Promise<E.Either<CliError, State>>,
): Promise<E.Either<CliError, Output>> => {
  const workspace = globalThis.crypto.randomUUID()
  const events = recordRepair({ command: 'repair', workspace, nowMs: Date.now(), ...stampOf(settings) })
  if (E.isLeft(events)) return events
  const options = { dir, codec: lineCodec, lockTimeoutMs: settings.lockTimeout }
  const kept = await keepSide<Event>(options, keep, ({ keptSeq, spentSeq, damage, quarantine, lastKept }) =>
    events.right({ keptSeq, keptTime: lastKept.time, spentSeq, reason: damage.detail, quarantine }),
  )()
  if (E.isLeft(kept)) return kept
  if (kept.right?.log !== 'merged') return E.left(changedMeanwhile)
  const state = await afterRepair(dir)
  return E.isLeft(state) ? state : keptOutput(dir, settings, kept.right, keep, allTasks(state.right).length)
}

const keptOutput = async (
  dir: string,
  settings: Settings,
  kept: KeptSide,
  keep: number,
  tasks: number,
): Promise<E.Either<CliError, Output>> => {
  const { renderKeptSide } = await import('../../render/index.ts')
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
  return E.right({ json: view, text: () => renderKeptSide(view, settings.dir) })
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
