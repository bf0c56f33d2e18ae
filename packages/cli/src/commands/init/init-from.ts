import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { derivedFiles } from '@claimlog/queue-file'
import { makeWorkspace, type WorkspacePlace } from '@claimlog/discovery'
import { type Event, lineCodec } from '@claimlog/domain'
import { logFileName, rechainLog } from '@claimlog/event-log-file'
import type { InitView } from '@claimlog/wire'
import type { CliError } from '../../problem.ts'
import { closing, okDocument, openSession, type Output, readAndRefresh, type Settings } from '../../run.ts'

/** Makes a workspace of its own out of a copy of another one's log. */
export const initFrom = (
  { dir }: WorkspacePlace,
  from: string,
  settings: Settings & { readonly force?: true },
): TE.TaskEither<CliError, Output> => {
  const workspace = globalThis.crypto.randomUUID()
  return pipe(
    TE.fromEither(findSource(from)),
    TE.chainFirstEitherKW(() => makeWorkspace(dir, settings.force === true)),
    TE.bindTo('source'),
    TE.bindW('copy', ({ source }) => copyLog(source, dir, workspace, settings)),
    TE.chainFirstW(() => readOnce(dir, settings)),
    TE.map(({ source, copy: { seq, keptAs } }) => {
      const kept = keptAs === undefined ? {} : { kept_as: keptAs }
      const view: InitView = okDocument(settings, { workspace, dir, created: true, seq, from: source, ...kept })
      return { json: view }
    }),
  )
}

/** The log that `from` names: itself, or in the directory that it is. */
const findSource = (from: string): E.Either<CliError, string> => {
  const source = statSync(from, { throwIfNoEntry: false })?.isDirectory() === true ? join(from, logFileName) : from
  return statSync(source, { throwIfNoEntry: false }) === undefined
    ? E.left({ usage: 'bad_input', detail: `there is no ${source}`, mend: 'name the copy: its log, or its directory' })
    : E.right(source)
}

/** Writes every event of `source` into the log in `dir`, with new hashes and the id of the new workspace. */
const copyLog = (source: string, dir: string, workspace: string, { lockTimeout }: Settings) =>
  pipe(
    rechainLog<Event>({ dir, codec: lineCodec, lockTimeoutMs: lockTimeout }, source, line => {
      const opened = JSON.parse(line) as object
      return JSON.stringify({ ...opened, workspace })
    }),
    TE.mapLeft((failure): CliError => (failure.failure === 'LogInTheWay' ? inTheWay(failure.path) : failure)),
    TE.filterOrElseW(
      ({ seq }) => seq > 0,
      (): CliError => ({ usage: 'bad_input', detail: `${source} has no event`, mend: 'name a log that has some' }),
    ),
  )

/** Reads the new log, and writes its `queue.json`. */
const readOnce = (dir: string, settings: Settings) => {
  // What it says is true of the old log.
  rmSync(join(dir, derivedFiles.stamp), { force: true })
  return pipe(
    openSession(dir, settings),
    TE.chainW(({ queue }) => closing(queue, readAndRefresh(queue, queue.status()))),
  )
}

const inTheWay = (path: string): CliError => ({
  usage: 'bad_input',
  detail: `${path} holds events already`,
  mend: 'name a directory without a workspace or, to make the copy itself one of its own, the directory that it is in',
})
