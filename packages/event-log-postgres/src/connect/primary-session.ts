import type { PostgresLocation } from '../postgres-location.ts'
import type { ServerError } from './server-error.ts'
import { isServerError, openSession, type ServerSession } from './session.ts'

/**
 * Connects to the first host that accepts writes, as `target_session_attrs=read-write` does in libpq. A standby may
 * become the primary later, so it is `busy`. Rejects with a {@link ServerError}.
 */
export const openPrimarySession = async (location: PostgresLocation, timeoutMs: number): Promise<ServerSession> => {
  let lastError: unknown
  for (const host of location.hosts) {
    try {
      const session = await openSession(location, host, timeoutMs)
      if (location.hosts.length === 1 || (await isPrimary(session, timeoutMs))) return session
      lastError = standbyError(host.host)
    } catch (thrown) {
      if (!isServerError(thrown)) throw thrown
      lastError = thrown
    }
  }
  throw lastError
}

/** Asks a server if it accepts writes, and closes the session unless it says so. */
const isPrimary = async (session: ServerSession, timeoutMs: number): Promise<boolean> => {
  let isKept = false
  try {
    const [row] = await session.query({ text: 'SELECT pg_is_in_recovery() AS standby' }, timeoutMs)
    isKept = row?.['standby'] !== true
    return isKept
  } finally {
    if (!isKept) await session.close()
  }
}

const standbyError = (host: string): ServerError => ({
  _tag: 'busy',
  code: '25006',
  detail: `${host} is a standby, which accepts no writes`,
  thrown: undefined,
})
