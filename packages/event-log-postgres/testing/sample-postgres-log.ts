import { randomUUID } from 'node:crypto'
import * as E from 'fp-ts/lib/Either.js'
import type { SampleEvent } from '@claimlog/event-log/conformance'
import type { EventCodec } from '@claimlog/event-log-line'
import type { PostgresLocation } from '../src/postgres-location.ts'
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

/** A workspace of its own in the database of a cluster, as the superuser. */
export const newLocation = ({
  host,
  port,
  user,
  password,
}: Pick<Cluster, 'host' | 'port' | 'user' | 'password'>): PostgresLocation => ({
  hosts: [{ host, port }],
  database: 'postgres',
  user,
  password,
  ignoredPasswordFile: undefined,
  workspace: `w-${randomUUID()}`,
  schema: 'claimlog',
  prepare: true,
  tls: { _tag: 'off' },
})
