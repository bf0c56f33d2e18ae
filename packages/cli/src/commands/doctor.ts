import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import type * as DoctorModule from '@claimlog/doctor'
import type { ServerProblem } from '@claimlog/doctor'
import { readLog } from '@claimlog/doctor/log-reading'
import { type Diagnosis, exitCodes } from '@claimlog/wire'
import {
  findPlace,
  inspectServerLog,
  type PlaceChoice,
  type PlaceOnServer,
  withoutPassword,
} from '@claimlog/client/unstable-internals'
import { type CliError, toShownError } from '../cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { openFoundWorkspace, printForPeople, renderLazily, readSettings, type Settings } from '../run.ts'

export const doctor = (program: Command): void => {
  program
    .command('doctor')
    .description('Check the workspace and the system it runs on, and suggest fixes; change nothing')
    .action((_options, command: Command) => {
      const settings = readSettings(command)
      return pipe(
        TE.fromTask<DoctorPackage>(() => import('@claimlog/doctor')),
        TE.chainW(doctorPackage => diagnoseWorkspace(doctorPackage, settings)),
        TE.map(diagnosis => {
          // Before printing: the reader of stdout may be gone by then, which ends the process.
          process.exitCode = toExitCode(diagnosis)
          return { json: diagnosis, text: renderLazily(({ renderDoctor }) => renderDoctor(diagnosis)) }
        }),
        printForPeople(settings),
      )
    })
}

type DoctorPackage = typeof DoctorModule

const diagnoseWorkspace = (doctorPackage: DoctorPackage, settings: Settings): TE.TaskEither<CliError, Diagnosis> => {
  const place = E.toUnion(findPlace(settings))
  return '_tag' in place && place._tag === 'server'
    ? TE.fromTask(() => diagnosePlace(doctorPackage, place, settings))
    : diagnoseDirectory(doctorPackage, settings)
}

/** A server that does not answer is a finding and not a failure. */
const diagnosePlace = async (
  { diagnoseServer, readServerLog }: DoctorPackage,
  place: PlaceOnServer,
  settings: Settings,
): Promise<Diagnosis> => {
  const toProblem = (error: CliError): ServerProblem => {
    const { message, hint } = toShownError(error)
    return { message, hint: hint ?? '' }
  }
  const facts = E.mapLeft(toProblem)(await inspectServerLog(place)())
  const url = E.isRight(facts) ? facts.right.url : withoutPassword(place.url)
  const logId = E.isRight(facts) ? facts.right.logId : undefined
  return diagnoseServer(url, facts, () =>
    pipe(
      openFoundWorkspace(place, settings),
      TE.chainTaskK(
        ({ log }) =>
          () =>
            withProgress(undefined, 'checked', report => readServerLog(log, logId, report)),
      ),
      TE.mapLeft(toProblem),
    )(),
  )
}

const diagnoseDirectory = (
  { findDirectory, diagnose }: DoctorPackage,
  choice: PlaceChoice,
): TE.TaskEither<CliError, Diagnosis> =>
  pipe(
    TE.fromEither(findDirectory(choice)),
    TE.chainTaskK(
      dir => () => diagnose(dir, visitor => withProgress(dir, 'checked', report => readLog(dir, visitor, report))),
    ),
  )

/** The exit code for a diagnosis. A damaged log has the same code as in every other command. */
const toExitCode = ({ ok, checks }: Diagnosis): number => {
  if (ok) return 0
  const damage = checks.find(({ error }) => error === 'log_damaged' || error === 'unknown_format')
  return exitCodes[damage?.error ?? 'io_failed']
}
