import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { type IoFailed, type Unreachable, withSystemError } from '@claimlog/event-log'
import type { PostgresLocation } from '../postgres-location.ts'
import { openPrimarySession } from './primary-session.ts'
import { isLasting, type ServerError } from './server-error.ts'
import { isServerError, type Rows, type ServerSession, type Statement } from './session.ts'
import { trackUnanswered } from './unanswered-appends.ts'

/** Why a request has no answer, although it was sent again and again until the deadline. */
export type NoAnswer = {
  readonly error: ServerError
  /** True if an answer was lost, so that the server has perhaps done it. */
  readonly wasSent: boolean
  readonly waitedMs: number
}

/** Sends a statement. In a transaction it is sent once, and a failure ends the transaction. */
export type SendRequest = (statement: Statement, deadlineMs: number) => TE.TaskEither<NoAnswer, Rows>

/** A connection to the server of a log, made again whenever it is lost. */
export type Connection = {
  /**
   * Sends a statement until it is answered, at the latest at `deadlineMs`. It may be done more than once, so it must
   * be idempotent.
   */
  readonly request: SendRequest
  /** Runs `body` once, in a transaction on a session that it has for itself: other requests wait. */
  readonly transaction: <A>(body: (send: SendRequest) => Promise<A>) => TE.TaskEither<NoAnswer, A>
  /** Sends a statement whose answer does not matter. No connection is made for it. */
  readonly send: (statement: Statement) => Promise<void>
  /** Opens a session of its own, for notifications. Rejects with a {@link ServerError}. */
  readonly openSession: (timeoutMs: number) => Promise<ServerSession>
  /** The process of the server for the open session, see {@link ServerSession.serverPid}. */
  readonly serverPid: () => number | undefined
  /** True while an append was sent and is not answered. */
  readonly hasUnanswered: () => boolean
  readonly close: () => Promise<void>
}

/** The clock of deadlines: it is never set. */
export const monotonicMs = (): number => performance.now()

const firstPauseMs = 20
const pauseMsMax = 500
const connectMsMax = 5000
/** The longest time without an answer after which a request is sent again. */
const answerMsMax = 5000
const answerMsMin = 250

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Returns the open session, or opens one in at most `timeoutMs`. */
type GetSession = (timeoutMs: number) => Promise<ServerSession>

export const createConnection = (location: PostgresLocation, lockTimeoutMs: number): Connection => {
  let session: ServerSession | undefined
  let opening: Promise<ServerSession> | undefined
  /** Resolves when the transaction ends that has the session for itself. */
  let barrier: Promise<void> | undefined
  const answerMs = Math.max(answerMsMin, Math.min(answerMsMax, lockTimeoutMs / 3))
  const unanswered = trackUnanswered()

  const getSession: GetSession = async timeoutMs => {
    if (session?.isOpen() === true) return session
    opening ??= openPrimarySession(location, Math.min(timeoutMs, connectMsMax)).finally(() => {
      opening = undefined
    })
    session = await opening
    return session
  }

  /** The session while no transaction has it: a request that is sent again must not get into one either. */
  const getSharedSession: GetSession = async timeoutMs => {
    for (;;) {
      await barrier
      const shared = await getSession(timeoutMs)
      if (barrier === undefined) return shared
    }
  }

  return {
    request: (statement, deadlineMs) => async () => {
      const { noteSent, end } = unanswered.begin()
      try {
        return await sendRepeatedly(getSharedSession, statement, deadlineMs, answerMs, noteSent)
      } finally {
        end()
      }
    },
    transaction: body => async () => {
      while (barrier !== undefined) await barrier
      let release = (): void => undefined
      barrier = new Promise(resolve => {
        release = () => {
          barrier = undefined
          resolve()
        }
      })
      const startMs = monotonicMs()
      const { noteSent, end } = unanswered.begin()
      try {
        return E.right(await runTransaction(await getSession(answerMs), body, answerMs, noteSent))
      } catch (thrown) {
        if (!isServerError(thrown)) throw thrown
        return E.left({ error: thrown, wasSent: thrown._tag === 'lost', waitedMs: monotonicMs() - startMs })
      } finally {
        end()
        release()
      }
    },
    send: async statement => {
      while (barrier !== undefined) await barrier
      if (session?.isOpen() !== true) return
      await session.query(statement, answerMs).catch(() => undefined)
    },
    openSession: timeoutMs => openPrimarySession(location, timeoutMs),
    serverPid: () => session?.serverPid(),
    hasUnanswered: unanswered.exist,
    close: async () => {
      await opening?.catch(() => undefined)
      await session?.close()
    },
  }
}

/** Runs `body` on a connection of its own, which is closed afterwards. */
export const withConnection =
  <L, A>(
    location: PostgresLocation,
    timeoutMs: number,
    body: (connection: Connection) => TE.TaskEither<L, A>,
  ): TE.TaskEither<L, A> =>
  async () => {
    const connection = createConnection(location, timeoutMs)
    try {
      return await body(connection)()
    } finally {
      await connection.close()
    }
  }

/**
 * Sends a statement until it succeeds, is refused, or the time is up; at least once. After each `answerMs` without an
 * answer the connection is given up: it may be one that swallows everything.
 */
const sendRepeatedly = async (
  getSession: GetSession,
  statement: Statement,
  deadlineMs: number,
  answerMs: number,
  noteSent: (statement: Statement) => void,
): Promise<E.Either<NoAnswer, Rows>> => {
  const startMs = monotonicMs()
  const limit = (parts = 1): number => Math.min(answerMs, Math.max(answerMsMin, (deadlineMs - monotonicMs()) / parts))
  let wasSent = false
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMsMax, pauseMs * 2)) {
    let isSending = false
    try {
      // A connection that is made while the network swallows everything never opens, even if the network recovers,
      // so there must be time for another one.
      const session = await getSession(limit(2))
      isSending = true
      noteSent(statement)
      return E.right(await session.query(statement, limit()))
    } catch (thrown) {
      if (!isServerError(thrown)) throw thrown
      wasSent ||= isSending && thrown._tag === 'lost'
      const waitMs = pauseMs * (0.5 + Math.random() / 2)
      if (isLasting(thrown) || monotonicMs() + waitMs >= deadlineMs)
        return E.left({ error: thrown, wasSent, waitedMs: monotonicMs() - startMs })
      await sleep(waitMs)
    }
  }
}

const runTransaction = async <A>(
  session: ServerSession,
  body: (send: SendRequest) => Promise<A>,
  timeoutMs: number,
  noteSent: (statement: Statement) => void,
): Promise<A> => {
  const run = (statement: Statement): Promise<Rows> => {
    noteSent(statement)
    return session.query(statement, timeoutMs)
  }
  await run({ text: 'BEGIN' })
  try {
    const result = await body(statement => async () => E.right(await run(statement)))
    await run({ text: 'COMMIT' })
    return result
  } catch (thrown) {
    if (session.isOpen()) await run({ text: 'ROLLBACK' }).catch(() => undefined)
    throw thrown
  }
}

/** The failure of a request that changed nothing: the server is out of reach, or the statement failed. */
export const toRequestFailure = (
  path: string,
  operation: string,
  { error, waitedMs }: NoAnswer,
): Unreachable | IoFailed => {
  const { _tag, code, detail, thrown } = error
  return _tag === 'refused'
    ? withSystemError({ failure: 'IoFailed', path, operation, code: code ?? '', detail }, thrown)
    : withSystemError({ failure: 'Unreachable', path, code, detail, waitedMs }, thrown)
}
