import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { claimlogPath, type ProcessResult, run } from '../claimlog-process.ts'
import { expectOutputSchema } from '../output-schemas.ts'
import { type MissingReason, programMissing } from './it-if-possible.ts'

/** A user who owns nothing, as most systems have one. */
export const nobodyUid = 65_534

const setprivFlags: ReadonlyArray<string> = [`--reuid=${nobodyUid}`, `--regid=${nobodyUid}`, '--clear-groups']

/** The reason why tests cannot run a program as another user on this machine; undefined if they can. */
export const otherUserMissing: MissingReason =
  programMissing('setpriv', '--version') ?? programMissing('setpriv', ...setprivFlags, process.execPath, '--version')

/** The command line, run as a user who owns nothing. */
export type OtherUser = {
  /** `launcher`: a program that runs it, such as `prlimit`, with its arguments. */
  readonly run: (cwd: string, args: ReadonlyArray<string>, launcher?: ReadonlyArray<string>) => Promise<ProcessResult>
  readonly remove: () => void
}

/** Copies the built program to a directory that every user can read, because a checkout may be private. */
export const createOtherUser = (): OtherUser => {
  const home = mkdtempSync(join(tmpdir(), 'claimlog-other-user-'))
  chmodSync(home, 0o755)
  const from = join(dirname(claimlogPath), '..')
  for (const part of ['bin', 'dist', 'package.json', 'node_modules/fs-ext'])
    cpSync(join(from, part), join(home, part), { recursive: true, dereference: true })
  const program = join(home, 'bin', 'claimlog.cjs')
  return {
    run: async (cwd, args, launcher = []) => {
      const result = await run('setpriv', [...setprivFlags, ...launcher, process.execPath, program, ...args], { cwd })
      expectOutputSchema(args, result.stdout)
      return result
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
