/**
 * Why a request got no answer that can be used:
 * - `lost`: the connection is gone or was never made, so the request was perhaps done; ask again over a new one.
 * - `busy`: the server did not do it now, and may do it later.
 * - `refused`: the server did not do it, and will not do it if asked again.
 */
export type ServerError = {
  readonly _tag: 'lost' | 'busy' | 'refused'
  /** SQLSTATE, or the system's name of the error: `ECONNREFUSED`. */
  readonly code: string | undefined
  readonly detail: string
  readonly thrown: unknown
}

/** Classes of SQLSTATE after which the connection is of no use: connection exceptions, and shutdowns of the server. */
const lostStates = /^(08|57P0[1-5]|25P0[34])/
/** Too many connections, locks not acquired, serialization, cancelled, a standby, not enough resources. */
const busyStates = /^(53|55P03|40|57014|25006|XX000$)/

/** The code of an append whose predecessor is not in the log. */
export const anotherHistoryState = 'CL001'
/** The code of an append to a workspace that was moved. */
export const movedState = 'CL003'
/** The code of a statement that waited too long for a lock. */
export const lockTimeoutState = '55P03'
/** Codes of a database without claimlog's schema. */
export const missingSchemaStates: ReadonlySet<string | undefined> = new Set(['42P01', '3F000', '42883'])

type ThrownError = { readonly code?: unknown; readonly severity?: string; readonly message?: string }

/** Classifies what a client of PostgreSQL throws. */
export const toServerError = (thrown: unknown): ServerError => {
  const { code, severity, message = String(thrown) } = thrown as ThrownError
  const state = typeof code === 'string' ? code : undefined
  const detail = message === '' ? (state ?? 'unknown error') : message
  // Only the server's errors have a severity. EPIPE of the system looks like a SQLSTATE.
  if (state === undefined || severity === undefined) return { _tag: 'lost', code: state, detail, thrown }
  const tag = lostStates.test(state) ? 'lost' : busyStates.test(state) ? 'busy' : 'refused'
  return { _tag: tag, code: state, detail, thrown }
}
