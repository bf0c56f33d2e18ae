import type Pg from 'pg'
import type { PostgresLocation, ServerAddress, TlsMode } from '../postgres-location.ts'
import { type ClientGuard, guardClient, UnsafeServer } from './guarded-client.ts'
import { isFatalError, toServerError, type ServerError } from './server-error.ts'

/** A statement. With a `name` it is prepared once per connection, unless a pooler forbids that. */
export type Statement = {
  readonly text: string
  readonly name?: string
  readonly values?: ReadonlyArray<unknown>
  /** It adds lines to a log, so a lost answer leaves its outcome unknown. */
  readonly isAppend?: true
}

/** The rows of an answer, with values as text, numbers, arrays or null. */
export type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

/** One connection to the server. Requests are sent at once, without waiting for earlier answers. */
export type ServerSession = {
  /** Resolves to the rows, or rejects with a {@link ServerError}. Closes the session if there is no answer in time. */
  readonly query: (statement: Statement, timeoutMs: number) => Promise<Rows>
  /** Calls `listener` at each notification on a channel this session listens to. */
  readonly onNotification: (listener: () => void) => void
  /** Calls `listener` once, when the session has ended. */
  readonly onEnd: (listener: () => void) => void
  readonly isOpen: () => boolean
  /** The process of the server for this session, as the server told at its start. A pooler tells a number of its own. */
  readonly serverPid: () => number | undefined
  /** Ends the session after the answers to what was sent, or at once if they do not come in time. */
  readonly close: () => Promise<void>
}

/** A network that swallows everything is noticed by the answer that does not come; an idle one by keepalive. */
const keepAliveMs = 5000
const closeMs = 1000

const toTls = (tls: TlsMode): Pg.ClientConfig['ssl'] => {
  switch (tls._tag) {
    case 'off':
      return false
    case 'unverified':
      return { rejectUnauthorized: false }
    case 'verified':
      return {
        rejectUnauthorized: true,
        ...(tls.rootCertificates === undefined ? {} : { ca: tls.rootCertificates }),
        ...(tls.checksHostName ? {} : { checkServerIdentity: () => undefined }),
      }
  }
}

/** Connects to one host. Rejects with a {@link ServerError}. */
export const openSession = async (
  location: PostgresLocation,
  { host, port, password: filePassword }: ServerAddress,
  timeoutMs: number,
): Promise<ServerSession> => {
  const password = location.password ?? filePassword
  // Loaded here, because only a log on a server needs it: it takes 55 ms from the package, and less from the bundle.
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    host,
    port,
    database: location.database,
    user: location.user,
    password: () => password ?? '',
    ssl: toTls(location.tls),
    // The certificate becomes part of the proof of the password, so that a man in the middle cannot use it.
    enableChannelBinding: location.tls._tag !== 'off',
    connectionTimeoutMillis: Math.max(1, timeoutMs),
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    application_name: 'claimlog',
    pipeline: true,
  })
  const guard = guardClient(client, location.requireAuth)
  return connectClient(client, guard, { ...location, password })
}

const connectClient = async (
  client: Pg.Client,
  guard: ClientGuard,
  { prepare, password, ignoredPasswordFile }: PostgresLocation,
): Promise<ServerSession> => {
  let isOpen = true
  const endListeners: Array<() => void> = []
  const end = (): void => {
    if (!isOpen) return
    isOpen = false
    for (const listener of endListeners) listener()
  }
  const abort = (): void => {
    end()
    destroy(client)
  }
  // Without a listener an error would end the process.
  client.on('error', end)
  client.on('end', end)
  try {
    await client.connect()
    guard.checkLogin()
  } catch (thrown) {
    destroy(client)
    const error = toServerError(thrown)
    const reason = password === undefined && error._tag === 'denied' ? ignoredPasswordFile : undefined
    throw reason === undefined ? error : { ...error, detail: `${error.detail}: ${reason}` }
  }
  let pendingCount = 0
  // The types of the library do not have these methods.
  const keepAlive = client as unknown as { readonly ref: () => void; readonly unref: () => void }
  const begin = (): void => {
    pendingCount += 1
    if (pendingCount === 1) keepAlive.ref()
  }
  const finish = (): void => {
    pendingCount -= 1
    // An idle connection does not keep a process alive.
    if (pendingCount === 0) keepAlive.unref()
  }
  keepAlive.unref()
  return {
    query: async ({ text, name, values }, timeoutMs) => {
      begin()
      try {
        const answer = client.query<Readonly<Record<string, unknown>>>({
          text,
          values: values === undefined ? [] : [...values],
          ...(prepare && name !== undefined ? { name } : {}),
        })
        return (await withTimeout(answer, timeoutMs, abort)).rows
      } catch (thrown) {
        const error = toQueryError(thrown)
        if (error._tag === 'lost') abort()
        throw error
      } finally {
        guard.noteAnswer()
        finish()
      }
    },
    onNotification: listener => void client.on('notification', listener),
    onEnd: listener => (isOpen ? void endListeners.push(listener) : listener()),
    isOpen: () => isOpen,
    serverPid: () => (client as unknown as { readonly processID?: number | null }).processID ?? undefined,
    close: async () => {
      if (!isOpen) return destroy(client)
      await withTimeout(client.end(), closeMs, () => destroy(client)).catch(() => undefined)
      end()
    },
  }
}

/** After the log-in, what is no answer, or ends the server's process, says nothing about what the server did. */
const toQueryError = (thrown: unknown): ServerError => {
  const error = toServerError(thrown)
  return thrown instanceof UnsafeServer || isFatalError(error) ? { ...error, _tag: 'lost' } : error
}

/** Closes the socket, whatever state it is in. */
const destroy = (client: Pg.Client): void => {
  const { connection } = client as unknown as { readonly connection?: { readonly stream?: { destroy: () => void } } }
  connection?.stream?.destroy()
}

/** Rejects with `ETIMEDOUT` after `timeoutMs`, and then calls `onTimeout`. */
const withTimeout = async <A>(work: Promise<A>, timeoutMs: number, onTimeout: () => void): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error(`no answer within ${Math.round(timeoutMs)} ms`), { code: 'ETIMEDOUT' }))
      onTimeout()
    }, timeoutMs)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined)
  }
}

/** True if a request ended with a {@link ServerError}; anything else is a defect. */
export const isServerError = (thrown: unknown): thrown is ServerError =>
  typeof thrown === 'object' && thrown !== null && '_tag' in thrown && 'detail' in thrown
