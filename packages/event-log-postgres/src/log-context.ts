import type { EventCodec } from '@claimlog/event-log-line'
import type { Connection } from './connect/connection.ts'
import type { ServerClock } from './connect/server-clock.ts'
import type { Statements } from './connect/statements.ts'

/** The server of an open log, and how to ask it. */
export type ServerContext = {
  /** The URL for messages, without a password. */
  readonly path: string
  readonly connection: Connection
  readonly sql: Statements
  readonly workspaceId: number
  readonly clock: ServerClock
  /** False behind a pooler, which may run each statement in another session: a turn belongs to a session. */
  readonly usesTurns: boolean
  /** The longest time that a call waits for the server or for other writers. */
  readonly lockTimeoutMs: number
}

export type PostgresContext<A> = ServerContext & { readonly codec: EventCodec<A> }
