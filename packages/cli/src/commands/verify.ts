import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { join } from 'node:path'
import type { Command } from 'commander'
import {
  findPlace,
  type LogPlace,
  pluralize,
  rewoundLogMessage,
  displayPath,
  tornFileName,
  rewoundLogHint,
} from '@claimlog/client/unstable-internals'
import { type VerifiedLog, verifyLog, verifyServerLog } from '@claimlog/doctor/verify'
import type { VerifyView } from '@claimlog/wire'
import { writeStderr } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { printForPeople, findLog, openFoundWorkspace, type CommandOutput, readSettings, type Settings } from '../run.ts'

export const verify = (program: Command): void => {
  program
    .command('verify')
    .description('Check every line of the log: shape, seq, chain and validity; exit code 7 if one is invalid')
    .action((_options, command: Command) => {
      const settings = readSettings(command)
      return pipe(verifyPlace(settings), printForPeople(settings))
    })
}

const verifyPlace = (settings: Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    TE.fromEither(findPlace(settings)),
    TE.chainW(place =>
      place._tag === 'server'
        ? verifyOnServer(place, settings)
        : pipe(TE.fromEither(findLog(settings)), TE.chainW(verifyInDirectory)),
    ),
  )

/** Reads the log as every command does; nothing on the server is only half written. */
const verifyOnServer = (place: LogPlace, settings: Settings): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    openFoundWorkspace(place, settings),
    TE.chainW(
      ({ log }) =>
        () =>
          withProgress(undefined, 'verified', report => verifyServerLog(log, report)()),
    ),
    TE.map(verified => toVerifyOutput(verified)),
  )

const verifyInDirectory = (dir: string): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    () => withProgress(dir, 'verified', report => verifyLog(dir, report)()),
    TE.map(verified => {
      reportRewind(verified)
      return toVerifyOutput(verified, join(dir, tornFileName))
    }),
  )

const reportRewind = ({ rewind, path }: VerifiedLog): void => {
  if (rewind !== undefined)
    writeStderr(`claimlog: ${rewoundLogMessage(rewind, displayPath(path))}\n  ${rewoundLogHint(rewind)}\n`)
}

const toVerifyOutput = ({ seq, hash, unfinishedBytes }: VerifiedLog, tornPath = ''): CommandOutput => {
  const view: VerifyView = { ok: true, seq, hash, unfinishedBytes }
  return {
    json: view,
    text: () =>
      `${pluralize(seq, 'event')} verified: shape, seq, chain and validity; the last hash is ${hash}\n` +
      (unfinishedBytes === 0
        ? ''
        : `the incomplete last line (${pluralize(unfinishedBytes, 'byte')}) is not an event: the next writer moves it to ` +
          `${displayPath(tornPath)}\n`),
  }
}
