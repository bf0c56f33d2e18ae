import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { findWorkspace, type SearchFailure } from '@claimlog/discovery'
import { queueFileName } from '@claimlog/queue-file'
import { logFileName, tornFileName } from '@claimlog/event-log-file'
import type { Diagnosis } from '@claimlog/doctor'
import { readLog } from '@claimlog/doctor/log-reading'
import { exitCodes } from '@claimlog/wire'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { answerPeople, rendered, settingsOf } from '../run.ts'

export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('check the workspace and what it stands on; say what is wrong and what would mend it; change nothing')
    .action((_options, command: Command) => {
      const settings = settingsOf(command)
      return pipe(
        TE.fromEither(directoryToExamine(settings.dir)),
        TE.chainTaskK(dir => () => examine(dir)),
        TE.map(diagnosis => {
          // Before anything is printed: whoever reads it may be gone by then.
          process.exitCode = exitCodeOf(diagnosis)
          return { json: diagnosis, text: rendered(({ renderDoctor }) => renderDoctor(diagnosis)) }
        }),
        answerPeople(settings),
      )
    })
}

/** The directory of a workspace, also of one that cannot be used. */
const directoryToExamine = (named: string | undefined): E.Either<CliError, string> => {
  const found = findWorkspace(named)
  const dir = E.isRight(found) ? found.right : unusableDir(found.left)
  if (dir === undefined) return found
  const logPath = join(dir, logFileName)
  if ([logPath, join(dir, queueFileName), join(dir, tornFileName)].some(mayBeThere)) return E.right(dir)
  return E.left(E.isLeft(found) ? found.left : { failure: 'NoLog', path: logPath })
}

const examine = async (dir: string): Promise<Diagnosis> => {
  const { diagnose } = await import('@claimlog/doctor')
  return diagnose(dir, lookAt => withProgress(dir, 'checked', report => readLog(dir, lookAt, report)))
}

/** The directory that was found and cannot be used, which can be examined all the same; undefined: none was found. */
const unusableDir = (failure: SearchFailure): string | undefined => {
  if (failure.failure === 'NotAWorkspace') return failure.path
  const isClosed = failure.failure === 'AccessDenied' && failure.path === join(failure.closed.path, logFileName)
  return isClosed ? failure.closed.path : undefined
}

/** Whether there is something of that name, or nobody can tell. */
const mayBeThere = (path: string): boolean => {
  try {
    lstatSync(path)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}

/** A damaged log has the exit code that every command has for it. */
const exitCodeOf = ({ ok, checks }: Diagnosis): number => {
  if (ok) return 0
  const damage = checks.find(({ error }) => error === 'log_damaged' || error === 'unknown_format')
  return exitCodes[damage?.error ?? 'io_failed']
}
