import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { checkpointKeeper, openWorkspace } from '@claimlog/coordinator'
import { type Event, lineCodec } from '@claimlog/domain'
import { openFileLog, withLockFile } from '@claimlog/event-log-file'
import { findWorkspace } from './find-workspace.ts'
import { print } from './output.ts'

/** The word by which the scripts of `claimlog completion` ask; what follows it is no command line of claimlog's. */
export const asking = '__complete'

/** Somebody sits there and waits. */
const patienceMs = 3000

/**
 * Prints what would fit at the cursor of a shell that has `program` in its command line. Whatever is wrong, a damaged log or
 * words that nobody understands, prints nothing: this is no place to say so. Changes nothing, not even what is derived.
 */
export const suggest = async (program: () => Command, asked: ReadonlyArray<string>): Promise<void> => {
  setTimeout(() => process.exit(0), patienceMs).unref()
  try {
    const { answerTo } = await import('./completion/index.ts')
    print(await answerTo(program(), asked, lookAt))
  } catch {
    return
  }
}

const lookAt: Parameters<typeof import('./completion/index.ts').answerTo>[2] = async (named, view) => {
  const dir = findWorkspace(named === undefined ? process.env['CLAIMLOG_DIR'] : unfolded(named), process.cwd())
  if (dir === undefined) return undefined
  const opened = await openFileLog<Event>({ dir, codec: lineCodec })()
  if (E.isLeft(opened)) return undefined
  const log = opened.right
  const keeper = checkpointKeeper({ dir, log, withLockFile })
  const workspace = openWorkspace({ log, checkpoint: { ...keeper, save: async () => false } })
  try {
    const seen = await workspace.read(view)()
    return E.isRight(seen) ? seen.right : undefined
  } finally {
    await workspace.close()
  }
}

/** A directory as it will be, once the shell has put in what stands for it: `~/queue`, `$HOME/queue`. */
const unfolded = (dir: string): string =>
  dir
    .replace(/^~(?=\/|$)/, () => process.env['HOME'] ?? '~')
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (written, braced?: string, plain?: string) => process.env[braced ?? plain ?? ''] ?? written,
    )
