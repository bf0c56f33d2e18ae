import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type * as DoctorModule from '@claimlog/doctor'
import { readLog } from '@claimlog/doctor/log-reading'
import { type Diagnosis, exitCodes } from '@claimlog/wire'
import type { CliError } from '../problem.ts'
import { withProgress } from '../output/progress.ts'
import { answerPeople, rendered, settingsOf } from '../run.ts'

export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('Check the workspace and the system it runs on, and suggest fixes; change nothing')
    .action((_options, command: Command) => {
      const settings = settingsOf(command)
      return pipe(
        TE.fromTask<Doctor>(() => import('@claimlog/doctor')),
        TE.chainW(loaded => examine(loaded, settings.dir)),
        TE.map(diagnosis => {
          // Before printing: the reader of stdout may be gone by then, which ends the process.
          process.exitCode = exitCodeOf(diagnosis)
          return { json: diagnosis, text: rendered(({ renderDoctor }) => renderDoctor(diagnosis)) }
        }),
        answerPeople(settings),
      )
    })
}

type Doctor = typeof DoctorModule

const examine = ({ findDirectory, diagnose }: Doctor, named: string | undefined): TE.TaskEither<CliError, Diagnosis> =>
  pipe(
    TE.fromEither(findDirectory(named)),
    TE.chainTaskK(
      dir => () => diagnose(dir, lookAt => withProgress(dir, 'checked', report => readLog(dir, lookAt, report))),
    ),
  )

/** The exit code for a diagnosis. A damaged log has the same code as in every other command. */
const exitCodeOf = ({ ok, checks }: Diagnosis): number => {
  if (ok) return 0
  const damage = checks.find(({ error }) => error === 'log_damaged' || error === 'unknown_format')
  return exitCodes[damage?.error ?? 'io_failed']
}
