import type { ErrorWord } from './exit-codes.ts'

/** An error in words: what happened and why, what to do next, and the data that explains it. */
export type Words = {
  readonly error: ErrorWord
  readonly message: string
  readonly hint: string
  readonly data?: Readonly<Record<string, unknown>>
}
