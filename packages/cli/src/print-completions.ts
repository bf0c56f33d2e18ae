import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { findPlace, type PlaceChoice, queryCheckpoint, queryReadOnly } from '@claimlog/client/unstable-internals'
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

/** Queries the queue found through flags, the environment or the working directory; one on a server by its checkpoint. */
const createQuery =
  (program: Command): QueryWorkspace =>
  async (named, view) => {
    const result = await pipe(
      findPlace(hasPlace(named) ? { ...named, dir: expandVariables(named.dir) } : readVariables(program)),
      TE.fromEither,
      TE.chainW(place =>
        place._tag === 'server' ? TE.fromTask(() => queryCheckpoint(place, view)) : queryReadOnly(place.dir, view),
      ),
    )()
    return E.isRight(result) ? result.right : undefined
  }

const hasPlace = ({ log, dir }: PlaceChoice): boolean => log !== undefined || dir !== undefined

/** The place that the variables of the program's flags name. */
const readVariables = (program: Command): PlaceChoice => {
  const read = (flag: string): string | undefined =>
    process.env[program.options.find(option => option.attributeName() === flag)?.envVar ?? ''] || undefined
  return { log: read('log'), dir: read('dir') }
}

/** A directory with `~` and variables expanded, as the shell will do: `~/queue`, `$HOME/queue`. */
const expandVariables = (dir: string | undefined): string | undefined =>
  dir
    ?.replace(/^~(?=\/|$)/, () => process.env['HOME'] ?? '~')
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (original, braced?: string, plain?: string) => process.env[braced ?? plain ?? ''] ?? original,
    )
