import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import {
  displayPath,
  findRelocation,
  type MovedLog,
  moveLog,
  type MoveRefusal,
  moveTargetHint,
  pluralize,
  toPrintable,
} from '@claimlog/client/unstable-internals'
import type { MoveView } from '@claimlog/wire'
import type { CliError } from '../cli-error.ts'
import { printNotice } from '../output/print-notice.ts'
import { withProgress } from '../output/progress.ts'
import { type CommandOutput, printForPeople, readSettings, type Settings, toCallOptions, toOkDocument } from '../run.ts'

type MoveFlags = { readonly force?: true }

export const move = (program: Command): void => {
  program
    .command('move')
    .argument('<target>', 'URL of the log on a server, or directory; what it lacks is created')
    .description('Move the log to a server or back to a directory, unchanged; the old one accepts no more events')
    .option('--force', 'Allow a directory on a network file system')
    .action((target: string, _options, command: Command) => {
      const settings = readSettings<MoveFlags>(command)
      return pipe(runMove(target, settings), printForPeople(settings))
    })
}

const runMove = (target: string, settings: MoveFlags & Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromIOEither(() => findRelocation(settings, target)),
    TE.chainW(relocation => {
      const { force = false, durability, lockTimeout: lockTimeoutMs } = settings
      const { from } = relocation
      const options = { force, durability, lockTimeoutMs, notify: printNotice, ...toCallOptions(settings) }
      return () =>
        withProgress(from._tag === 'directory' ? from.dir : undefined, 'copied', report =>
          moveLog(relocation, { ...options, report })(),
        )
    }),
    TE.bimap(
      reason => ('notMoved' in reason ? toMoveError(reason) : reason),
      moved => toMoveOutput(moved, settings),
    ),
  )

const toMoveOutput = ({ from, to, seq, changed, isFoundHere }: MovedLog, settings: Settings): CommandOutput => {
  const view: MoveView = toOkDocument(settings, { from, to, seq, changed })
  const [oldPlace, newPlace] = [from, to].map(showPlace)
  const hint = isFoundHere ? '' : `  the commands here do not lead there: ${toPrintable(moveTargetHint(to))}\n`
  return {
    json: view,
    text: () =>
      changed
        ? `moved ${pluralize(seq, 'event')} to ${newPlace}\n${hint}` +
          `  ${oldPlace} accepts no more events: workers that still use it stop\n`
        : `the log is at ${newPlace} already; nothing was changed\n${hint}`,
  }
}

const showPlace = (place: string): string => (place.includes('://') ? toPrintable(place) : displayPath(place))

const toMoveError = ({ notMoved, target }: MoveRefusal): CliError => {
  const place = showPlace(target)
  const refuse = (detail: string, hint: string): CliError => ({ usage: 'bad_input', detail, hint })
  switch (notMoved) {
    case 'in_use':
      return refuse(
        `there is a workspace at ${place} already`,
        'nothing was changed; name a directory without a workspace, or on a server another one: ?workspace=NAME',
      )
    case 'other_history':
      return refuse(
        `the log at ${place} is not an earlier part of this one`,
        'nothing was changed; name an empty directory, or on a server another workspace: ?workspace=NAME',
      )
    case 'not_started':
      return refuse(
        `this log was moved to ${place}, but the lines that had arrived there are gone, or are on another machine`,
        'run it on the machine where it was started; if its copy is lost, claimlog export log writes this log into an events.jsonl',
      )
  }
}
