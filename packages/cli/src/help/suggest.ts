import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Command } from 'commander'
import { findWorkspace, queryReadOnly } from '@claimlog/client/unstable-internals'
import type { LookAt } from '../completion/index.ts'
import { print } from '../output/output.ts'

/** The word by which the scripts of `claimlog completion` ask; what follows it is no command line of claimlog's. */
export const asking = '__complete'

/** Somebody sits there and waits. */
const patienceMs = 3000

/**
 * Prints what would fit at the cursor of a shell that has `program` in its command line. Whatever is wrong, a damaged log or
 * words that nobody understands, prints nothing: this is no place to say so. Changes nothing, not even what is derived.
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

/** Looks at the workspace that a flag, the environment or the working directory names. */
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

/** A directory as it will be, once the shell has put in what stands for it: `~/queue`, `$HOME/queue`. */
const unfolded = (dir: string): string =>
  dir
    .replace(/^~(?=\/|$)/, () => process.env['HOME'] ?? '~')
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (written, braced?: string, plain?: string) => process.env[braced ?? plain ?? ''] ?? written,
    )
