import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { claimlogPath, type Finished, run } from '../claimlog-process.ts'
import { expectDescribed } from '../output-schemas.ts'
import { type Missing, programMissing } from './it-where-possible.ts'

/** A user who owns nothing, as most systems have one. */
export const nobody = 65_534

const asNobody: ReadonlyArray<string> = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']

/** Why nothing can be run as another user here; undefined: it can. */
export const otherUserMissing: Missing =
  programMissing('setpriv', '--version') ?? programMissing('setpriv', ...asNobody, process.execPath, '--version')

/** The command line as a user who owns nothing has it. */
export type OtherUser = {
  /** `before`: what runs it, as `prlimit` does. */
  readonly run: (cwd: string, words: ReadonlyArray<string>, before?: ReadonlyArray<string>) => Promise<Finished>
  readonly leave: () => void
}

/** The built program is copied to where everybody may read it, because a checkout may be private. */
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
