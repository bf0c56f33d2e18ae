import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  runAndClose,
  initFromCopy,
  type CopyRefusal,
  type WorkspaceLocation,
} from '@claimlog/client/unstable-internals'
import type { InitView } from '@claimlog/wire'
import type { CliError } from '../../cli-error.ts'
import { toOkDocument, openSession, type CommandOutput, queryAndRefresh, type Settings } from '../../run.ts'

/** Creates a new workspace from a copy of another log, and reads it once, which writes its `queue.json`. */
export const initCopy = (
  { dir }: WorkspaceLocation,
  from: string,
  settings: Settings & { readonly force?: true },
): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    initFromCopy(from, { dir, force: settings.force === true, lockTimeoutMs: settings.lockTimeout }),
    TE.mapLeft(reason => ('notCopied' in reason ? toCopyError(reason) : reason)),
    TE.chainFirstW(() => refreshCopy(dir, settings)),
    TE.map(({ workspace, source, seq, keptAs }) => {
      const kept = keptAs === undefined ? {} : { kept_as: keptAs }
      const view: InitView = toOkDocument(settings, { workspace, dir, created: true, seq, from: source, ...kept })
      return { json: view }
    }),
  )

const refreshCopy = (dir: string, settings: Settings) =>
  pipe(
    openSession({ _tag: 'directory', dir }, settings),
    TE.chainW(({ queue }) => runAndClose(queue, queryAndRefresh(queue, queue.status()))),
  )

const toCopyError = ({ notCopied: reason, path }: CopyRefusal): CliError => {
  switch (reason) {
    case 'missing':
      return { usage: 'bad_input', detail: `${path} does not exist`, hint: 'name the copy: its log, or its directory' }
    case 'empty':
      return { usage: 'bad_input', detail: `${path} contains no event`, hint: 'name a log that has events' }
    case 'in_the_way':
      return {
        usage: 'bad_input',
        detail: `${path} contains events already`,
        hint: 'name a directory without a workspace or, to turn the copy itself into a new workspace, the directory that contains it',
      }
  }
}
