import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import pg from 'pg'
import type { Fold } from '@claimlog/event-log'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import type { EventCodec } from '@claimlog/event-log-line'
import { createPostgresLog } from '../src/create-log.ts'
import type { PostgresLocation } from '../src/postgres-location.ts'
import { openPostgresLog, type PostgresLog, type PostgresLogOptions } from '../src/postgres-log.ts'
import type { Cluster } from './cluster.ts'

const time = '2026-01-01T00:00:00.000Z'

/** A codec for events with one word each, on lines with a time, as the server requires. */
export const sampleCodec: EventCodec<SampleEvent> = {
  encode: ({ seq, word }) => JSON.stringify({ seq, event: 'said', word, time }),
  decode: json => {
    const { seq, event, word } = json as Record<string, unknown>
    if (event !== 'said') return E.left({ _tag: 'Unknown', detail: `event ${String(event)}` })
    if (typeof word !== 'string') return E.left({ _tag: 'Malformed', detail: 'word' })
    return E.right({ seq: seq as number, word })
  },
}

const expectRight = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left))
  return either.right
}

/** Creates a workspace with an empty log in the database of a cluster, for its superuser. */
export const createSampleWorkspace = async ({ host, port, user, password }: Cluster): Promise<PostgresLocation> => {
  const location: PostgresLocation = {
    hosts: [{ host, port }],
    database: 'postgres',
    user,
    password,
    ignoredPasswordFile: undefined,
    workspace: `w-${randomUUID()}`,
    schema: 'claimlog',
    prepare: true,
    tls: { _tag: 'off' },
    requireAuth: undefined,
    isNamedByFile: false,
  }
  expectRight(await createPostgresLog(location)())
  return location
}

export const openSampleLog = async (
  location: PostgresLocation,
  options: Partial<PostgresLogOptions<SampleEvent>> = {},
): Promise<PostgresLog<SampleEvent>> =>
  expectRight(await openPostgresLog({ location, codec: sampleCodec, ...options })())

/** Returns a function that appends one word at the end of a log, wherever that is. */
export const wordAppender = (log: PostgresLog<SampleEvent>): ((word: string) => Promise<E.Either<unknown, void>>) => {
  let seq = 0
  const fold: Fold<SampleEvent> = {
    get seq() {
      return seq
    },
    apply: events => {
      seq = events.at(-1)?.seq ?? seq
    },
  }
  return word => {
    const decide = () => E.right({ events: [{ seq: seq + 1, word }] })
    return log.transact(fold, decide, () => undefined)()
  }
}

/** Runs SQL as the user of a location. */
export const runSql = async (
  { hosts: [host], user, password, database }: Pick<PostgresLocation, 'hosts' | 'user' | 'password' | 'database'>,
  text: string,
  values: ReadonlyArray<unknown> = [],
): Promise<ReadonlyArray<Readonly<Record<string, unknown>>>> => {
  const client = new pg.Client({ host: host?.host, port: host?.port, user, password, database, ssl: false })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  } finally {
    await client.end()
  }
}

/** Loses the events after `seq`, as a failover to a replica without them does. */
export const loseTail = async (location: PostgresLocation, seq: number): Promise<void> => {
  const { workspace } = location
  await runSql(
    location,
    `BEGIN;
    ALTER TABLE claimlog.events DISABLE TRIGGER ALL;
    DELETE FROM claimlog.events WHERE seq > ${seq}
      AND workspace = (SELECT id FROM claimlog.workspaces WHERE name = '${workspace}');
    ALTER TABLE claimlog.events ENABLE TRIGGER ALL;
    COMMIT`,
  )
}
