import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { join } from 'node:path'
import type { Command } from 'commander'
import { emptyState, type Event, evolve, inconsistency, lineCodec, type State } from '@claimlog/domain'
import { type Scan, scanFileLog, tornFileName } from '@claimlog/event-log-file'
import { counted, logWentBackWords, shownPath, wentBackHint } from '@claimlog/messages'
import { rewindFinder } from '@claimlog/queue-file'
import type { VerifyView } from '@claimlog/wire'
import { tell } from '../output/output.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { answerPeople, findLog, type Output, settingsOf } from '../run.ts'

export const verify = (program: Command): void => {
  program
    .command('verify')
    .description('check every line of events.jsonl: shape, seq, chain, meaning; exit code 7 where one is wrong')
    .action((_options, command: Command) => {
      const settings = settingsOf(command)
      return pipe(TE.fromEither(findLog(settings.dir)), TE.chainW(verifyLog), answerPeople(settings))
    })
}

type Wrong = { readonly event: Event; readonly detail: string }

const verifyLog = (dir: string): TE.TaskEither<CliError, Output> => {
  const findRewind = rewindFinder(dir)
  return pipe(
    scanLog(dir),
    TE.chainEitherKW(refuseWrongEvents),
    TE.chainFirstTaskK(
      ({ state, path }) =>
        () =>
          tellOfRewind(findRewind, state, path),
    ),
    TE.map(verified => verifiedOutput(dir, verified)),
  )
}

/** Reads every line, and folds it; the first event that cannot be true is kept. */
const scanLog = (dir: string) => {
  let state = emptyState()
  let wrong: Wrong | undefined
  return pipe(
    () =>
      withProgress(dir, 'verified', report =>
        scanFileLog<Event>({ dir, codec: lineCodec }, events => {
          for (const event of events) {
            const detail = inconsistency(state, event)
            if (detail !== undefined) wrong ??= { event, detail }
            state = evolve(state, event)
          }
          report(state.seq)
        })(),
      ),
    TE.map(scan => ({ ...scan, state, wrong })),
  )
}

type Scanned = Scan & { readonly state: State; readonly wrong: Wrong | undefined }

const refuseWrongEvents = (scanned: Scanned): E.Either<CliError, Scanned> => {
  const { path, offsetOf, state, wrong } = scanned
  if (wrong === undefined) return state.workspace === undefined ? E.left({ error: 'no_workspace' }) : E.right(scanned)
  return E.left({
    failure: 'LogDamaged',
    path,
    line: wrong.event.seq,
    offset: offsetOf(wrong.event.seq),
    detail: `the line is whole, but cannot be true: ${wrong.detail}`,
  })
}

const tellOfRewind = async (findRewind: ReturnType<typeof rewindFinder>, state: State, path: string): Promise<void> => {
  const rewind = await findRewind(state)
  if (rewind !== undefined) tell(`claimlog: ${logWentBackWords(rewind, shownPath(path))}\n  ${wentBackHint(rewind)}\n`)
}

const verifiedOutput = (dir: string, { seq, hash, unfinishedBytes }: Scanned): Output => {
  const view: VerifyView = { ok: true, seq, hash, unfinished_bytes: unfinishedBytes }
  return {
    json: view,
    text: () =>
      `${counted(seq, 'event')} verified: shape, seq, chain and meaning; the last hash is ${hash}\n` +
      (unfinishedBytes === 0
        ? ''
        : `${unfinishedBytes} bytes of an unfinished line at the end are no event; the next writer sets them aside in ` +
          `${shownPath(join(dir, tornFileName))}\n`),
  }
}
