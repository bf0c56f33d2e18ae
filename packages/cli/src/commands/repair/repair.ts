import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { findLostLog, findWorkspace } from '@claimlog/discovery'
import { type QueueFileNotice, queueFileName, queueFileWriter } from '@claimlog/queue-file'
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
  withLockFile,
} from '@claimlog/event-log-file'
import { dirname, join } from 'node:path'
import { countArgument } from '../../input/arguments.ts'
import { planSidesOf, repairMerged } from './merged-log.ts'
import { shownPath } from '@claimlog/messages'
import { tell } from '../../output/output.ts'
import type { CliError } from '../../problem.ts'
import type { RepairView } from '../../render/repair.ts'
import { finish, type Output, settingsOf } from '../../run.ts'
import { type Settings, stampOf } from '../../session.ts'

type Options = { readonly yes?: true; readonly keep?: number }

export const repair = (program: Command): void => {
  program
    .command('repair')
    .description('say how a damaged events.jsonl would be cut; with --yes, cut it and keep the rest beside it')
    .option('--keep <side>', 'of a log that git merged out of two copies: the side that it goes on with', countArgument)
    .option('--yes', 'do it')
    .addHelpText('after', afterwards)
    .action(async (_options, command: Command) => {
      const settings = settingsOf<Options>(command)
      finish('people', settings.json === true, await repairLog(settings))
    })
}

const afterwards = `
A log that holds two sides, as git merged two copies of it, is not cut: each side is written to a file of its own, the log
goes on with the one that --keep names, and claimlog reconcile brings the other one's work over.`

const repairLog = async (settings: Options & Settings): Promise<E.Either<CliError, Output>> => {
  const found = findWorkspace(settings.dir)
  if (E.isLeft(found)) return found
  const { right: dir } = found
  const lost = findLostLog(dir)
  if (lost !== undefined) return E.left(lost)
  const merged = await planSidesOf(dir)
  if (E.isLeft(merged)) return merged
  if (merged.right !== undefined) return repairMerged(dir, settings, merged.right, afterRepair)
  if (settings.keep !== undefined) return E.left(noSides)
  const { renderPlan } = await import('../../render/index.ts')
  let state = emptyState()
  const planned = await planRepair<Event>({ dir, codec: lineCodec }, events => {
    state = fold(state, events)
  })()
  if (E.isLeft(planned)) return planned
  if (planned.right.log === 'sound') return nothingToRepair(planned.right)
  // Nothing of the log is in this file, so there is nothing to keep, and nothing to cut.
  const { damage, path } = planned.right
  if (damage.cause === 'pointer') return E.left({ failure: 'LogDamaged', path, ...damage })
  if (settings.yes === true) return repairNow(dir, settings)
  const plan = planned.right
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: false,
    ...viewOf(plan, plan.quarantinePath),
    kept: { events: plan.keptSeq, tasks: allTasks(state).length },
  }
  return E.right({ json: view, text: () => renderPlan(view, plan, settings.dir) })
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

const nothingToRepair = async ({ seq, unfinishedBytes }: SoundLog): Promise<E.Either<CliError, Output>> => {
  if (seq === 0) return E.left({ error: 'no_workspace' })
  const { renderSound } = await import('../../render/index.ts')
  const view: RepairView = { ok: true, damaged: false, repaired: false, seq }
  return E.right({ json: view, text: () => renderSound(seq, unfinishedBytes) })
}

const repairNow = async (dir: string, settings: Settings): Promise<E.Either<CliError, Output>> => {
  const workspace = globalThis.crypto.randomUUID()
  const events = recordRepair({ command: 'repair', workspace, nowMs: Date.now(), ...stampOf(settings) })
  if (E.isLeft(events)) return events
  const options = { dir, codec: lineCodec, lockTimeoutMs: settings.lockTimeout }
  const done = await repairFileLog<Event>(options, ({ damaged, quarantine, lastKept }) => {
    const { keptSeq, spentSeq, damage } = damaged
    return events.right({ keptSeq, keptTime: lastKept?.time, spentSeq, reason: damage.detail, quarantine })
  })()
  if (E.isLeft(done)) return done
  if (done.right.log === 'sound') return nothingToRepair(done.right)
  const state = await afterRepair(dir)
  if (E.isLeft(state)) return state
  const { renderRepaired } = await import('../../render/index.ts')
  const repaired = done.right
  const view: RepairView = {
    ok: true,
    damaged: true,
    repaired: true,
    ...viewOf(repaired, join(dir, repaired.quarantine.name)),
    kept: { events: repaired.keptSeq, tasks: allTasks(state.right).length },
    seq: repaired.seq,
  }
  return E.right({ json: view, text: () => renderRepaired(view) })
}

/** Reads the repaired log, and brings `queue.json` to what it says now. */
const afterRepair = async (dir: string): Promise<E.Either<CliError, State>> => {
  const opened = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (E.isLeft(opened)) return opened
  const log = opened.right
  try {
    let state = emptyState()
    const read = await log.readAfter(0, events => {
      state = fold(state, events)
    })()
    if (E.isLeft(read)) return read
    const queueFile = queueFileWriter({ dir, log, withLockFile, notify: tellOfQueueFile, mode: 'each' })
    await queueFile.rewrite(() => state)
    return E.right(state)
  } finally {
    await log.close()
  }
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
