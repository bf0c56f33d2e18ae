import type * as E from 'fp-ts/lib/Either.js'
import type { OwnCommand } from './own-command.ts'

/** What set-up knows when it edits a file. */
export type Surroundings = {
  readonly command: OwnCommand
  /** The workspace as a person named it, an absolute path; undefined: it is found from where a command runs. */
  readonly namedDir: string | undefined
  /** Replaces an entry of our name that set-up did not write, and writes in the home directory. */
  readonly force: boolean
}

/** What stands where set-up writes, and is a person's own. */
export type OwnEntry = {
  /** Where it stands in the file. */
  readonly entry: string
  readonly was: string
  /** `in_the_way`: the file cannot be edited. `kept`: it does what set-up would have written. `replaced`: by force. */
  readonly fate: 'in_the_way' | 'kept' | 'replaced'
}

/** A file with the part of set-up in it. */
export type Put = { readonly text: string; readonly own: ReadonlyArray<OwnEntry> }

/** What is left of a file without the part of set-up. `isOwnFile`: set-up made the file, and nothing else is in it. */
export type Removed = { readonly text: string; readonly isOwnFile: boolean }

/** A file that set-up has a part in. An edit gives the new text, or says what is wrong. */
export type Part = {
  /** From the project's folder, with slashes. */
  readonly path: string
  /** `text` is undefined if there is no file. */
  readonly put: (text: string | undefined, surroundings: Surroundings) => E.Either<string, Put>
  readonly remove: (text: string) => E.Either<string, Removed>
}

/** The files that an agent reads its instructions from. */
export type InstructionFiles = {
  /** From the project's folder; it reads all that are there, and a new one is the first. */
  readonly paths: ReadonlyArray<string>
  /** Whether `@path` in one of them has another file read as well. */
  readonly importsFiles: boolean
  /** A JSON file that may name others in the place of these, and where. */
  readonly named?: { readonly path: string; readonly places: ReadonlyArray<ReadonlyArray<string>> }
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
  readonly instructions: InstructionFiles
  /** What a person has to do or know beside it. */
  readonly notes: ReadonlyArray<string>
}
