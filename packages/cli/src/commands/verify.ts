import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { join } from 'node:path'
import type { Command } from 'commander'
import {
  pluralize,
  rewoundLogMessage,
  displayPath,
  tornFileName,
  rewoundLogHint,
} from '@claimlog/client/unstable-internals'
import { type VerifiedLog, verifyLog } from '@claimlog/doctor/verify'
import type { VerifyView } from '@claimlog/wire'
import { writeStderr } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'
import { withProgress } from '../output/progress.ts'
import { printForPeople, findLog, type CommandOutput, readSettings } from '../run.ts'

export const verify = (program: Command): void => {
  program
    .command('verify')
    .description('Check every line of events.jsonl: shape, seq, chain and validity; exit code 7 if one is invalid')
    .action((_options, command: Command) => {
      const settings = readSettings(command)
      return pipe(TE.fromEither(findLog(settings)), TE.chainW(verifyWorkspace), printForPeople(settings))
    })
}

const verifyWorkspace = (dir: string): TE.TaskEither<CliError, CommandOutput> =>
  pipe(
    () => withProgress(dir, 'verified', report => verifyLog(dir, report)()),
    TE.map(verified => {
      reportRewind(verified)
      return toVerifyOutput(dir, verified)
    }),
  )

const reportRewind = ({ rewind, path }: VerifiedLog): void => {
  if (rewind !== undefined)
    writeStderr(`claimlog: ${rewoundLogMessage(rewind, displayPath(path))}\n  ${rewoundLogHint(rewind)}\n`)
}

const toVerifyOutput = (dir: string, { seq, hash, unfinishedBytes }: VerifiedLog): CommandOutput => {
  const view: VerifyView = { ok: true, seq, hash, unfinishedBytes }
  return {
    json: view,
    text: () =>
      `${pluralize(seq, 'event')} verified: shape, seq, chain and validity; the last hash is ${hash}\n` +
      (unfinishedBytes === 0
        ? ''
        : `the incomplete last line (${pluralize(unfinishedBytes, 'byte')}) is not an event: the next writer moves it to ` +
          `${displayPath(join(dir, tornFileName))}\n`),
  }
}
