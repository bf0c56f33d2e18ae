import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  runAndClose,
  initFromCopy,
  type CopyRefusal,
  type WorkspaceLocation,
} from '@claimlog/client/unstable-internals'
import type { InitView } from '@claimlog/wire'
import type { CliError } from '../../problem.ts'
import { okDocument, openSession, type Output, readAndRefresh, type Settings } from '../../run.ts'

/** Creates a new workspace from a copy of another log, and reads it once, which writes its `queue.json`. */
export const initFrom = (
  { dir }: WorkspaceLocation,
  from: string,
  settings: Settings & { readonly force?: true },
): TE.TaskEither<CliError, Output> =>
  pipe(
    initFromCopy(from, { dir, force: settings.force === true, lockTimeoutMs: settings.lockTimeout }),
    TE.mapLeft(why => ('notCopied' in why ? notCopied(why) : why)),
    TE.chainFirstW(() => readOnce(dir, settings)),
    TE.map(({ workspace, source, seq, keptAs }) => {
      const kept = keptAs === undefined ? {} : { kept_as: keptAs }
      const view: InitView = okDocument(settings, { workspace, dir, created: true, seq, from: source, ...kept })
      return { json: view }
    }),
  )

const readOnce = (dir: string, settings: Settings) =>
  pipe(
    openSession(dir, settings),
    TE.chainW(({ queue }) => runAndClose(queue, readAndRefresh(queue, queue.status()))),
  )

const notCopied = ({ notCopied: why, path }: CopyRefusal): CliError => {
  switch (why) {
    case 'missing':
      return { usage: 'bad_input', detail: `${path} does not exist`, mend: 'name the copy: its log, or its directory' }
    case 'empty':
      return { usage: 'bad_input', detail: `${path} contains no event`, mend: 'name a log that has events' }
    case 'in_the_way':
      return {
        usage: 'bad_input',
        detail: `${path} contains events already`,
        mend: 'name a directory without a workspace or, to turn the copy itself into a new workspace, the directory that contains it',
      }
  }
}
