import type { ErrorWord } from '@claimlog/wire'

/** An error as users see it: what happened and why, what to do next, and the data that explains it. */
export type Words<W extends string = ErrorWord> = {
  readonly error: W
  readonly message: string
  readonly hint: string
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * An error message with a separate hint for agents, which have tools instead of commands; without one they get `hint`.
 */
export type Wording<W extends string = ErrorWord> = Words<W> & { readonly agentHint?: string | undefined }

/** The message for people. */
export const wordsForPeople = <W extends string>({ agentHint: _, ...words }: Wording<W>): Words<W> => words

/** The message for agents. */
export const wordsForAgents = <W extends string>({ agentHint, ...words }: Wording<W>): Words<W> =>
  agentHint === undefined ? words : { ...words, hint: agentHint }
