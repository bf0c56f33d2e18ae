import type { ErrorCode } from '@claimlog/wire'

/** An error as users see it: what happened and why, what to do next, and the data that explains it. */
export type ErrorMessage<W extends string = ErrorCode> = {
  readonly error: W
  readonly message: string
  readonly hint: string
  readonly data?: Readonly<Record<string, unknown>>
}

/**
 * An error message with a separate hint for agents, which have tools instead of commands; without one they get `hint`.
 */
export type AudienceMessage<W extends string = ErrorCode> = ErrorMessage<W> & {
  readonly agentHint?: string | undefined
}

/** The message for people. */
export const messageForPeople = <W extends string>({ agentHint: _, ...message }: AudienceMessage<W>): ErrorMessage<W> =>
  message

/** The message for agents. */
export const messageForAgents = <W extends string>({ agentHint, ...message }: AudienceMessage<W>): ErrorMessage<W> =>
  agentHint === undefined ? message : { ...message, hint: agentHint }
