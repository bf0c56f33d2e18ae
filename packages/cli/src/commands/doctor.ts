import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { findWorkspace, type SearchFailure } from '@claimlog/discovery'
import { queueFileName } from '@claimlog/queue-file'
import { logFileName, tornFileName } from '@claimlog/event-log-file'
import type { Diagnosis } from '@claimlog/doctor'
import { readLog } from '@claimlog/doctor/log-reading'
import { exitCodes } from '../exit-codes.ts'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { finish, settingsOf } from '../run.ts'
import type { Settings } from '../session.ts'

export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('check the workspace and what it stands on; say what is wrong and what would mend it; change nothing')
    .action(async (_options, command: Command) => {
      const settings = settingsOf(command)
      const examined = await examine(settings)
      if (E.isLeft(examined)) return finish('people', settings.json === true, examined)
      const { renderDoctor } = await import('../render/index.ts')
      const { right: diagnosis } = examined
      finish('people', settings.json === true, E.right({ json: diagnosis, text: () => renderDoctor(diagnosis) }))
      process.exitCode = exitCodeOf(diagnosis)
    })
}

const examine = async (settings: Settings): Promise<E.Either<CliError, Diagnosis>> => {
  const found = findWorkspace(settings.dir)
  const dir = E.isRight(found) ? found.right : unusableDir(found.left)
  if (dir === undefined) return found as E.Left<SearchFailure>
  const logPath = join(dir, logFileName)
  if (![logPath, join(dir, queueFileName), join(dir, tornFileName)].some(mayBeThere))
    return E.left(E.isLeft(found) ? found.left : { failure: 'NoLog', path: logPath })
  const { diagnose } = await import('@claimlog/doctor')
  return E.right(await diagnose(dir, lookAt => withProgress(dir, 'checked', report => readLog(dir, lookAt, report))))
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
