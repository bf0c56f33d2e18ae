import type Pg from 'pg'
import type { RequireAuth } from '../postgres-location.ts'

/** A server that asks for what it must not get, does not prove itself, or sends what is no answer. */
export class UnsafeServer extends Error {
  /** `unsafe_login`: it is about the log-in; undefined: about an answer. */
  readonly code: string | undefined
  constructor(detail: string, code?: string) {
    super(detail)
    this.code = code
  }
}

/** The code of a log-in that was refused on this side. */
export const unsafeLoginCode = 'unsafe_login'

/** The most bytes that a server may send before a request is answered: more than ten times a full page of lines. */
const answerBytesMax = 64 * 1024 * 1024
/** The fewest iterations that RFC 7677 permits: with fewer, a server can guess the password from the proof. */
const iterationsMin = 4096

type AuthMessage = { readonly data?: string }
type StreamEvents = {
  emit: (event: string | symbol, ...args: Array<unknown>) => boolean
  destroy: (error: Error) => void
}
/** Parts of the library that its types do not have. The tests with a hostile server notice if one gets another name. */
type ClientParts = {
  readonly connection: {
    attachListeners: (stream: StreamEvents) => void
    readonly emit: (event: 'error', error: Error) => void
  }
  readonly saslSession?: unknown
  _handleAuthCleartextPassword: (message: AuthMessage) => void
  _handleAuthMD5Password: (message: AuthMessage) => void
  _handleAuthSASL: (message: AuthMessage) => void
  _handleAuthSASLContinue: (message: AuthMessage) => unknown
  _handleAuthSASLFinal: (message: AuthMessage) => void
}

/** Watches what a server sends to a client. */
export type ClientGuard = {
  /** Checks a connection that the client regards as open: throws an {@link UnsafeServer}. */
  readonly checkLogin: () => void
  /** Begins to count the bytes of the next answer. */
  readonly noteAnswer: () => void
}

/**
 * Guards a client that is not connected yet against a server that is perhaps hostile. The client library sends a
 * password in whatever form the server asks for, does not notice a server that skips the proof at the end of SCRAM, and
 * ends the process at a message that it cannot parse.
 */
export const guardClient = (client: Pg.Client, requireAuth: RequireAuth | undefined): ClientGuard => {
  const parts = client as unknown as ClientParts
  const { connection } = parts
  let state: 'none' | 'asked' | 'proven' | 'open' = 'none'
  let receivedBytes = 0
  const refuse = (detail: string): void => connection.emit('error', new UnsafeServer(detail, unsafeLoginCode))

  const [sasl, saslContinue, saslFinal] = [
    parts._handleAuthSASL.bind(client),
    parts._handleAuthSASLContinue.bind(client),
    parts._handleAuthSASLFinal.bind(client),
  ]
  if (requireAuth !== undefined) {
    parts._handleAuthCleartextPassword = () => refuse('the server asks for the password in clear text')
    parts._handleAuthMD5Password = () => refuse('the server asks for an MD5 hash of the password')
  }
  parts._handleAuthSASL = message => {
    if (state !== 'none') return refuse('the server asks for a password twice')
    state = 'asked'
    sasl(message)
  }
  parts._handleAuthSASLContinue = message => {
    const iterations = Number(/(?:^|,)i=(\d+)/.exec(message.data ?? '')?.[1])
    if (requireAuth !== undefined && !(iterations >= iterationsMin))
      return refuse(`the server asks for a password that is hashed fewer than ${iterationsMin} times`)
    return saslContinue(message)
  }
  parts._handleAuthSASLFinal = message => {
    saslFinal(message)
    if (state === 'asked' && parts.saslSession === null) state = 'proven'
  }

  const attach = connection.attachListeners.bind(connection)
  connection.attachListeners = stream => {
    const emit = stream.emit.bind(stream)
    stream.emit = (event, ...args) => {
      if (event !== 'data') return emit(event, ...args)
      receivedBytes += (args[0] as Buffer).length
      try {
        if (receivedBytes > answerBytesMax) throw new UnsafeServer('the server sends too much before it answers')
        return emit(event, ...args)
      } catch (thrown) {
        stream.destroy(
          thrown instanceof UnsafeServer
            ? thrown
            : new UnsafeServer('the server sent what is no message of PostgreSQL'),
        )
        return true
      }
    }
    attach(stream)
  }

  return {
    checkLogin: () => {
      if (state === 'asked')
        throw new UnsafeServer('the server does not prove that it knows the password', unsafeLoginCode)
      if (state === 'none' && requireAuth === 'scram-sha-256')
        throw new UnsafeServer(
          'the server asks for no password, and require_auth does not permit that',
          unsafeLoginCode,
        )
      state = 'open'
      receivedBytes = 0
    },
    noteAnswer: () => {
      receivedBytes = 0
    },
  }
}
