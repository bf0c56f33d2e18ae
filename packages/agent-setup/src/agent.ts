import type * as E from 'fp-ts/lib/Either.js'
import type { ClaimlogCommand } from './claimlog-command.ts'

/** The options of an edit. */
export type SetupContext = {
  readonly command: ClaimlogCommand
  /**
   * The flags that name the queue: `--log` with its URL, without a password, or `--dir` with an absolute path; empty:
   * commands discover it from their working directory.
   */
  readonly queueFlags: ReadonlyArray<string>
  /** Replaces an entry named claimlog that setup did not write, and allows writing in the home directory. */
  readonly force: boolean
}

/** An entry that setup would write but the user has written. */
export type UserEntry = {
  /** Its path in the file. */
  readonly entry: string
  /** Its value, as JSON. */
  readonly value: string
  /** `conflict`: the file cannot be edited. `kept`: it does the same as setup's entry. `replaced`: by `--force`. */
  readonly outcome: 'conflict' | 'kept' | 'replaced'
}

/** The text of a file with an edit applied. */
export type AppliedEdit = { readonly text: string; readonly userEntries: ReadonlyArray<UserEntry> }

/** The text of a file with an edit removed. `isCreatedBySetup`: setup created the file, and it has no other content. */
export type RemovedEdit = { readonly text: string; readonly isCreatedBySetup: boolean }

/** An edit of one configuration file. Left: a message about a mistake in the file. */
export type ConfigEdit = {
  /** Relative to the project folder, with slashes. */
  readonly path: string
  /** `text` is undefined if there is no file. */
  readonly apply: (text: string | undefined, context: SetupContext) => E.Either<string, AppliedEdit>
  readonly remove: (text: string) => E.Either<string, RemovedEdit>
}

/** The instruction files of an agent. */
export type InstructionFiles = {
  /** Relative to the project folder. The agent reads every one that exists; setup creates the first one. */
  readonly paths: ReadonlyArray<string>
  /** True if `@path` in one of them imports another file. */
  readonly importsFiles: boolean
  /** A JSON file that may set other paths instead, and the keys of that setting. */
  readonly settings?: { readonly path: string; readonly keyPaths: ReadonlyArray<ReadonlyArray<string>> }
}

/** A supported agent. */
export type Agent = {
  readonly name: string
  /** Its product name. */
  readonly title: string
  /** Files in a project and in a home folder that show that the agent is used. */
  readonly detectPaths: { readonly project: ReadonlyArray<string>; readonly home: ReadonlyArray<string> }
  /** Several may edit the same file: they are applied in order and removed in reverse order. */
  readonly edits: ReadonlyArray<ConfigEdit>
  readonly instructions: InstructionFiles
  /** Notes for the user: steps that setup cannot do, and restrictions. */
  readonly notes: ReadonlyArray<string>
}
