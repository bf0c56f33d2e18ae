import { unsafeLoginCode, UnsafeServer } from './guarded-client.ts'

/**
 * Why a request got no answer that can be used:
 * - `lost`: the connection is gone or was never made, so the request was perhaps done; ask again over a new one.
 * - `busy`: the server did not do it now, and may do it later.
 * - `refused`: the server did not do it, and will not do it if asked again.
 * - `denied`: the server does not let this client in, or this client does not trust the server. The same next time.
 */
export type ServerError = {
  readonly _tag: 'lost' | 'busy' | 'refused' | 'denied'
  /** SQLSTATE, or the system's name of the error: `ECONNREFUSED`. */
  readonly code: string | undefined
  readonly detail: string
  readonly thrown: unknown
}

/** True if asking again leads to the same error. */
export const isLasting = ({ _tag }: ServerError): boolean => _tag === 'refused' || _tag === 'denied'

/** Classes of SQLSTATE after which the connection is of no use: connection exceptions, and shutdowns of the server. */
const lostStates = /^(08|57P0[1-5]|25P0[34])/
/** Too many connections, locks not acquired, serialization, cancelled, a standby, not enough resources. */
const busyStates = /^(53|55P03|40|57014|25006|XX000$)/

/** Log-in, database and rights. */
const deniedStates = /^(28|3D|42501)/
/** Node's codes for a certificate that is not trusted, or not for this host. */
const untrustedCodes = /^(CERT_|ERR_TLS_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)/
/** Errors of the client library that have no code: a log-in by SCRAM that is not as it must be; no TLS on the server. */
const deniedMessages = /^(SASL:|The server does not support SSL)/
/** The library's error for a server that asks for a password if there is none. */
const missingPassword = /^SASL:.*client password must be/
/** The code of a log-in that fails. */
const loginState = '28P01'

/** A server can send an error of any length. */
const detailLengthMax = 1000

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
  const detail = message === '' ? (state ?? 'unknown error') : message.slice(0, detailLengthMax)
  if (thrown instanceof UnsafeServer) return { _tag: 'denied', code: thrown.code, detail, thrown }
  if (missingPassword.test(message))
    return { _tag: 'denied', code: loginState, detail: 'the server asks for a password, and none was given', thrown }
  if (deniedMessages.test(message)) {
    const code = message.startsWith('SASL:') ? unsafeLoginCode : undefined
    return { _tag: 'denied', code, detail, thrown }
  }
  // Only the server's errors have a severity. EPIPE of the system looks like a SQLSTATE.
  if (state === undefined || severity === undefined)
    return { _tag: untrustedCodes.test(state ?? '') ? 'denied' : 'lost', code: state, detail, thrown }
  return { _tag: classifyState(state), code: state, detail, thrown }
}

/** Too few resources, such as disk space, and internal errors. */
const brokenServerStates = /^(53|XX)/

/**
 * True if the process of the server ended, so that a commit may be on its disk: it panics if it has no space for the
 * write-ahead log. The severity is in the language of the server, and only an error in English is surely none of these.
 */
export const isFatalError = ({ code, thrown }: ServerError): boolean => {
  const { severity } = thrown as ThrownError
  return severity !== undefined && severity !== 'ERROR' && brokenServerStates.test(code ?? '')
}

const classifyState = (state: string): ServerError['_tag'] => {
  if (lostStates.test(state)) return 'lost'
  if (busyStates.test(state)) return 'busy'
  return deniedStates.test(state) ? 'denied' : 'refused'
}
