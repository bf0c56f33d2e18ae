import type { ErrorWord } from '@claimlog/wire'

/** An error in words: what happened and why, what to do next, and the data that explains it. */
export type Words<W extends string = ErrorWord> = {
  readonly error: W
  readonly message: string
  readonly hint: string
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * Words that say something else to agents, which have tools where people have commands: `agentHint` is what to do next for
 * them; none: the same.
 */
export type Wording<W extends string = ErrorWord> = Words<W> & { readonly agentHint?: string | undefined }

/** The words for people. */
export const wordsForPeople = <W extends string>({ agentHint: _, ...words }: Wording<W>): Words<W> => words

/** The words for agents. */
export const wordsForAgents = <W extends string>({ agentHint, ...words }: Wording<W>): Words<W> =>
  agentHint === undefined ? words : { ...words, hint: agentHint }
