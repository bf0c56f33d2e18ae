import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { findWorkspace, queryReadOnly } from '@claimlog/client/unstable-internals'
import type { LookAt } from '../completion/index.ts'
import { print } from '../output/output.ts'

/** The hidden command of the completion scripts; its arguments are not parsed by commander. */
export const asking = '__complete'

/** A person is waiting at the shell. */
const patienceMs = 3000

/**
 * Prints the completions for a command line of `program`. Prints nothing on any error, such as a damaged log or an unknown
 * command: errors must not appear while a person types. Read-only, even for derived files.
 */
export const suggest = async (define: () => Command, asked: ReadonlyArray<string>): Promise<void> => {
  setTimeout(() => process.exit(0), patienceMs).unref()
  try {
    const { answerTo } = await import('../completion/index.ts')
    const program = define()
    print(await answerTo(program, asked, lookAtIn(program)))
  } catch {
    return
  }
}

/** Queries the workspace found through a flag, the environment or the working directory. */
const lookAtIn = (program: Command): LookAt => {
  const variable = program.options.find(option => option.attributeName() === 'dir')?.envVar ?? ''
  return (named, view) => lookAt(named === undefined ? process.env[variable] : unfolded(named), view)
}

const lookAt: LookAt = async (named, view) => {
  const seen = await pipe(
    TE.fromEither(findWorkspace(named)),
    TE.chainW(dir => queryReadOnly(dir, view)),
  )()
  return E.isRight(seen) ? seen.right : undefined
}

/** A directory with `~` and variables expanded, as the shell will do: `~/queue`, `$HOME/queue`. */
const unfolded = (dir: string): string =>
  dir
    .replace(/^~(?=\/|$)/, () => process.env['HOME'] ?? '~')
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (written, braced?: string, plain?: string) => process.env[braced ?? plain ?? ''] ?? written,
    )
