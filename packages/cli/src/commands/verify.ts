import * as E from 'fp-ts/lib/Either.js'
import { join } from 'node:path'
import type { Command } from 'commander'
import { emptyState, type Event, evolve, inconsistency, lineCodec } from '@claimlog/domain'
import { scanFileLog, tornFileName } from '@claimlog/event-log-file'
import { counted, logWentBackWords, wentBackHint } from '@claimlog/messages'
import { findLostLog, findWorkspace } from '@claimlog/discovery'
import { rewindFinder } from '@claimlog/queue-file'
import { shownPath } from '@claimlog/messages'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { finish, type Output, settingsOf } from '../run.ts'
import type { Settings } from '../session.ts'

export const verify = (program: Command): void => {
  program
    .command('verify')
    .description('check every line of events.jsonl: shape, seq, chain, meaning; exit code 7 where one is wrong')
    .action(async (_options, command: Command) => {
      const settings = settingsOf(command)
      finish('people', settings.json === true, await verifyLog(settings))
    })
}

const verifyLog = async (settings: Settings): Promise<E.Either<CliError, Output>> => {
  const found = findWorkspace(settings.dir)
  if (E.isLeft(found)) return found
  const { right: dir } = found
  const lost = findLostLog(dir)
  if (lost !== undefined) return E.left(lost)
  const findRewind = rewindFinder(dir)
  let state = emptyState()
  let wrong: { readonly event: Event; readonly detail: string } | undefined
  const scanned = await withProgress(dir, 'verified', report =>
    scanFileLog<Event>({ dir, codec: lineCodec }, events => {
      for (const event of events) {
        const detail = inconsistency(state, event)
        if (detail !== undefined) wrong ??= { event, detail }
        state = evolve(state, event)
      }
      report(state.seq)
    })(),
  )
  if (E.isLeft(scanned)) return scanned
  const { path: logPath, seq, hash, unfinishedBytes, offsetOf } = scanned.right
  if (wrong !== undefined)
    return E.left({
      failure: 'LogDamaged',
      path: logPath,
      line: wrong.event.seq,
      offset: offsetOf(wrong.event.seq),
      detail: `the line is whole, but cannot be true: ${wrong.detail}`,
    })
  if (state.workspace === undefined) return E.left({ error: 'no_workspace' })
  const rewind = await findRewind(state)
  if (rewind !== undefined)
    tell(`claimlog: ${logWentBackWords(rewind, shownPath(logPath))}\n  ${wentBackHint(rewind)}\n`)
  return E.right({
    json: { ok: true, seq, hash, unfinished_bytes: unfinishedBytes },
    text: () =>
      `${counted(seq, 'event')} verified: shape, seq, chain and meaning; the last hash is ${hash}\n` +
      (unfinishedBytes === 0
        ? ''
        : `${unfinishedBytes} bytes of an unfinished line at the end are no event; the next writer sets them aside in ` +
          `${shownPath(join(dir, tornFileName))}\n`),
  })
}
