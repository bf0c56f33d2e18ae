import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { claimlogPath, type Finished, run } from '../claimlog-process.ts'
import { expectDescribed } from '../output-schemas.ts'
import { type Missing, programMissing } from './it-where-possible.ts'

/** A user who owns nothing, as most systems have one. */
export const nobody = 65_534

const asNobody: ReadonlyArray<string> = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']

/** The reason why tests cannot run a program as another user on this machine; undefined if they can. */
export const otherUserMissing: Missing =
  programMissing('setpriv', '--version') ?? programMissing('setpriv', ...asNobody, process.execPath, '--version')

/** The command line, run as a user who owns nothing. */
export type OtherUser = {
  /** `before`: a program that runs it, such as `prlimit`, with its arguments. */
  readonly run: (cwd: string, words: ReadonlyArray<string>, before?: ReadonlyArray<string>) => Promise<Finished>
  readonly leave: () => void
}

/** Copies the built program to a directory that every user can read, because a checkout may be private. */
export const otherUser = (): OtherUser => {
  const home = mkdtempSync(join(tmpdir(), 'claimlog-other-user-'))
  chmodSync(home, 0o755)
  const from = join(dirname(claimlogPath), '..')
  for (const part of ['bin', 'dist', 'package.json', 'node_modules/fs-ext'])
    cpSync(join(from, part), join(home, part), { recursive: true, dereference: true })
  const program = join(home, 'bin', 'claimlog.cjs')
  return {
    run: async (cwd, words, before = []) => {
      const finished = await run('setpriv', [...asNobody, ...before, process.execPath, program, ...words], { cwd })
      expectDescribed(words, finished.stdout)
      return finished
    },
    leave: () => rmSync(home, { recursive: true, force: true }),
  }
}
