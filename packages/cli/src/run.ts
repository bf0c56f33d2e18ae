import * as E from 'fp-ts/lib/Either.js'
import type { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { print, printDocument, problemDocument, problemLine, problemText, tell } from './output/output.ts'
import { type CliError, problemOf } from './problem.ts'
import type { Settings } from './session.ts'

/** Who reads a command's output: `programs` always get JSON; `people` get text unless they ask for JSON. */
export type Audience = 'programs' | 'people'

/** What a command came to, as data and, for people, in words. */
export type Output = { readonly json: unknown; readonly text?: () => string }

/** The flags of a command together with those of every command. */
export const settingsOf = <O extends object>(command: Command): O & Settings => command.optsWithGlobals<O & Settings>()

/** The answer `ok` with what came of it; one that a power cut may take back says so. */
export const okDocument = ({ durability }: Settings, answer: object): object =>
  durability === 'os' ? { ok: true, ...answer, durability } : { ok: true, ...answer }

/** Prints what a command came to and sets the exit code. */
export const finish = (audience: Audience, json: boolean, outcome: E.Either<CliError, Output>): void => {
  if (E.isLeft(outcome)) return fail(audience === 'programs' || json, outcome.left)
  const { json: data, text } = outcome.right
  if (audience === 'programs' || json || text === undefined) printDocument(data)
  else print(text())
}

/** Says what went wrong with a command that prints line by line: as its last one, or in words on stderr. */
export const failStreaming = (asJson: boolean, error: CliError): void =>
  asJson ? failInLine(error) : fail(false, error)

/** Says what went wrong as one more line of NDJSON, and sets the exit code. */
export const failInLine = (error: CliError): void => {
  const problem = problemOf(error)
  print(problemLine(problem))
  process.exitCode = problem.exitCode
}

/**
 * Says on stderr what went wrong with a hook. Agents take exit code 2 of one for an order, to go on for one; with any other
 * they tell a person, and go their way.
 */
export const failInHook = (error: CliError): void => {
  tell(problemText(problemOf(error)))
  process.exitCode = exitCodes.internal
}

/** Says what went wrong, as a document on stdout or in words on stderr, and sets the exit code. */
export const fail = (asJson: boolean, error: CliError): void => {
  const problem = problemOf(error)
  if (asJson) print(problemDocument(problem))
  else tell(problemText(problem))
  process.exitCode = problem.exitCode
}
