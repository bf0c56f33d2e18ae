import type * as E from 'fp-ts/lib/Either.js'
import type { OwnCommand } from './own-command.ts'

/** What set-up knows when it edits a file. */
export type Surroundings = {
  readonly command: OwnCommand
  /** The workspace as a person named it, an absolute path; undefined: it is found from where a command runs. */
  readonly namedDir: string | undefined
  /** Where the workspace lies, or would be made, seen from the project. */
  readonly dirFromProject: string
}

/** What is left of a file without the part of set-up. `isOwnFile`: set-up made the file, and nothing else is in it. */
export type Removed = { readonly text: string; readonly isOwnFile: boolean }

/** A file that set-up has a part in. An edit gives the new text, or says what is wrong. */
export type Part = {
  /** From the project's folder, with slashes. */
  readonly path: string
  /** `text` is undefined if there is no file. */
  readonly put: (text: string | undefined, surroundings: Surroundings) => E.Either<string, string>
  readonly remove: (text: string) => E.Either<string, Removed>
}

/** An agent that set-up knows. */
export type Agent = {
  readonly name: string
  /** As its makers call it. */
  readonly title: string
  /** What in a project, and in a home folder, shows that somebody uses it. */
  readonly signs: { readonly project: ReadonlyArray<string>; readonly home: ReadonlyArray<string> }
  /** More than one may be of the same file: each edits what the one before it left, and removal goes backwards. */
  readonly parts: ReadonlyArray<Part>
  /** What a person has to do or know beside it. */
  readonly notes: ReadonlyArray<string>
}
