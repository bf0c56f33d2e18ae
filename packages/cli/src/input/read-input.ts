import { fstatSync } from 'node:fs'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  type InputError,
  type InputLimit,
  readFileBytes,
  readTextFile,
  readTextStream,
  toReadError,
} from '@claimlog/client/unstable-internals'
import { writeStderr } from '../output/output.ts'
import type { CliError } from '../cli-error.ts'

/** Reads the file that an argument names as text. */
export const readFileArgument = (path: string, limit: InputLimit): TE.TaskEither<CliError, string> =>
  asBadInput(readTextFile(path, limit))

/** Reads the bytes of the file that an argument names. */
export const readBytesArgument = (path: string, limit: InputLimit): TE.TaskEither<CliError, Buffer> =>
  asBadInput(readFileBytes(path, limit))

/** Reads stdin as text. */
export const readStdin = (limit: InputLimit): TE.TaskEither<CliError, string> =>
  asBadInput(async () => {
    if (process.stdin.isTTY) writeStderr('claimlog: reading from the keyboard; Ctrl-D ends the input\n')
    // Node treats a directory as empty input.
    if (fstatSync(0).isDirectory()) return E.left(toReadError('stdin', { code: 'EISDIR' }))
    return readTextStream('stdin', process.stdin, limit)()
  })

const asBadInput = <A>(input: TE.TaskEither<InputError, A>): TE.TaskEither<CliError, A> =>
  pipe(
    input,
    TE.mapLeft(({ detail, hint }) => ({ usage: 'bad_input', detail, hint })),
  )
