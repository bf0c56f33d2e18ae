import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { findWorkspace, queryReadOnly } from '@claimlog/client/unstable-internals'
import type { QueryWorkspace } from './completion/index.ts'
import { writeStdout } from './output/output.ts'

/** The hidden command of the completion scripts; its arguments are not parsed by commander. */
export const completionCommand = '__complete'

/** A person is waiting at the shell. */
const timeoutMs = 3000

/**
 * Prints the completions for a command line of `program`. Prints nothing on any error, such as a damaged log or an unknown
 * command: errors must not appear while a person types. Read-only, even for derived files.
 */
export const printCompletions = async (define: () => Command, args: ReadonlyArray<string>): Promise<void> => {
  setTimeout(() => process.exit(0), timeoutMs).unref()
  try {
    const { completeCommand } = await import('./completion/index.ts')
    const program = define()
    writeStdout(await completeCommand(program, args, createQuery(program)))
  } catch {
    return
  }
}

/** Queries the workspace found through a flag, the environment or the working directory. */
const createQuery = (program: Command): QueryWorkspace => {
  const variable = program.options.find(option => option.attributeName() === 'dir')?.envVar ?? ''
  return (namedDir, view) =>
    queryWorkspace(namedDir === undefined ? process.env[variable] : expandVariables(namedDir), view)
}

const queryWorkspace: QueryWorkspace = async (namedDir, view) => {
  const result = await pipe(
    TE.fromEither(
      findWorkspace({ log: namedDir === undefined ? process.env['CLAIMLOG_LOG'] : undefined, dir: namedDir }),
    ),
    TE.chainW(dir => queryReadOnly(dir, view)),
  )()
  return E.isRight(result) ? result.right : undefined
}

/** A directory with `~` and variables expanded, as the shell will do: `~/queue`, `$HOME/queue`. */
const expandVariables = (dir: string): string =>
  dir
    .replace(/^~(?=\/|$)/, () => process.env['HOME'] ?? '~')
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (original, braced?: string, plain?: string) => process.env[braced ?? plain ?? ''] ?? original,
    )
