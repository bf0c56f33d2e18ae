import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { derivedFiles } from '@claimlog/queue-file'
import { makeWorkspace, type SearchFailure, type WorkspacePlace } from '@claimlog/discovery'
import { type Event, lineCodec } from '@claimlog/domain'
import { logFileName, rechainLog } from '@claimlog/event-log-file'
import type { CliError } from '../../problem.ts'
import { okDocument, type Output } from '../../run.ts'
import { openSession, readAndRefresh, type Settings } from '../../session.ts'

/** Makes a workspace of its own out of a copy of another one's log. */
export const initFrom = async (
  place: E.Either<SearchFailure, WorkspacePlace>,
  from: string,
  settings: Settings & { readonly force?: true },
): Promise<E.Either<CliError, Output>> => {
  if (E.isLeft(place)) return place
  const { dir } = place.right
  const source = statSync(from, { throwIfNoEntry: false })?.isDirectory() === true ? join(from, logFileName) : from
  if (statSync(source, { throwIfNoEntry: false }) === undefined)
    return E.left({
      usage: 'bad_input',
      detail: `there is no ${source}`,
      mend: 'name the copy: its log, or its directory',
    })
  const created = makeWorkspace(dir, settings.force === true)
  if (E.isLeft(created)) return created
  const workspace = globalThis.crypto.randomUUID()
  const options = { dir, codec: lineCodec, lockTimeoutMs: settings.lockTimeout }
  const made = await rechainLog<Event>(options, source, line => {
    const opened = JSON.parse(line) as object
    return JSON.stringify({ ...opened, workspace })
  })()
  if (E.isLeft(made)) return made.left.failure === 'LogInTheWay' ? E.left(inTheWay(made.left.path)) : E.left(made.left)
  const { seq, keptAs } = made.right
  if (seq === 0)
    return E.left({ usage: 'bad_input', detail: `${source} has no event`, mend: 'name a log that has some' })
  // What it says is true of the old log.
  rmSync(join(dir, derivedFiles.stamp), { force: true })
  const session = await openSession(dir, settings)
  if (E.isLeft(session)) return session
  const seen = await readAndRefresh(session.right, session.right.workspace.status)
  await session.right.workspace.close()
  if (E.isLeft(seen)) return seen
  const kept = keptAs === undefined ? {} : { kept_as: keptAs }
  return E.right({ json: okDocument(settings, { workspace, dir, created: true, seq, from: source, ...kept }) })
}

const inTheWay = (path: string): CliError => ({
  usage: 'bad_input',
  detail: `${path} holds events already`,
  mend: 'name a directory without a workspace or, to make the copy itself one of its own, the directory that it is in',
})
