import type { DamageCause } from '@claimlog/event-log'

/** What can be checked, in the order in which it is told. */
export type CheckName =
  | 'directory'
  | 'log'
  | 'git'
  | 'copies'
  | 'file_system'
  | 'lock'
  | 'torn_tail'
  | 'chain'
  | 'meaning'
  | 'clock'
  | 'projection'
  | 'checkpoint'
  | 'runtime'

/** `warning`: work goes on, and somebody should know; `wrong`: something will not work, or is lost. */
export type CheckState = 'ok' | 'warning' | 'wrong' | 'skipped'

/** A process that keeps others waiting. */
export type Holder = {
  readonly file: string
  /** The process that has it, where the system tells. */
  readonly pid?: number
  readonly command?: string
  /** What the process is doing, in a word of the system's: `stopped`. */
  readonly state?: string
}

/** What explains a check, as data; each check has its own. */
type CheckData = {
  readonly uid?: number
  /** Permissions in octal: `0644`. */
  readonly mode?: string
  readonly links?: number
  readonly file_system?: string
  readonly free_bytes?: number
  readonly free_inodes?: number
  readonly holders?: ReadonlyArray<Holder>
  readonly looked_ms?: number
  readonly unfinished_bytes?: number
  readonly torn_bytes?: number
  readonly copies?: ReadonlyArray<string>
  /** Of another worktree of the repository. */
  readonly other_queues?: ReadonlyArray<string>
  /** What is amiss with the `.gitignore` that would have git leave the queue alone. */
  readonly gitignore?: 'missing' | 'ineffective'
  readonly quarantined?: ReadonlyArray<string>
  readonly error?: 'log_damaged' | 'unknown_format' | 'io_failed'
  /** How the log came to be damaged. */
  readonly cause?: DamageCause
  readonly line?: number
  readonly offset?: number
  readonly seq?: number
  readonly hash?: string
  readonly time?: string
  readonly behind_ms?: number
  readonly unknown_files?: ReadonlyArray<string>
  readonly node?: string
}

/** What a check came to: a sentence, and what to do next where all is not well. */
export type Finding = {
  readonly state: CheckState
  readonly message: string
  readonly mend?: string
} & CheckData

/** A finding, and what it is about. */
export type Check = { readonly name: CheckName } & Finding

/** One of several things that can be amiss in one place. */
export type Flaw = { readonly state: 'warning' | 'wrong'; readonly message: string; readonly mend: string }

/** A check that was not made, and why. */
export const skipped = (reason: string): Finding => ({ state: 'skipped', message: `not checked: ${reason}` })

/** All flaws of one place in one finding, the worst giving its state; `fine` where there is none. */
export const findingOf = (fine: string, flaws: ReadonlyArray<Flaw>): Finding => {
  if (flaws.length === 0) return { state: 'ok', message: fine }
  return {
    state: flaws.some(({ state }) => state === 'wrong') ? 'wrong' : 'warning',
    message: flaws.map(({ message }) => message).join('; '),
    mend: flaws.map(({ mend }) => mend).join('; '),
  }
}
