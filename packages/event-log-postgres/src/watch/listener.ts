import type { LifeCycle } from '@claimlog/event-log'
import { isServerError, type ServerSession } from '../connect/session.ts'
import type { ServerContext } from '../log-context.ts'
import { createEndPoll, unrefTimer } from './end-poll.ts'

/** Finds out that a log has grown, while it is started. */
export type Listener = {
  readonly start: () => void
  readonly stop: () => void
  readonly close: () => Promise<void>
}

const connectMs = 5000
const answerMs = 5000
const reconnectMs = 1000
/** A worker that waits again and again does not connect each time: that takes longer than many tasks. */
const keepOpenMs = 10_000

/** `onSign` is called at each sign of an append; `readEnd` returns the last seq, or undefined if that is not known. */
export const openListener = (
  context: ServerContext,
  life: LifeCycle,
  onSign: () => void,
  readEnd: () => Promise<number | undefined>,
): Listener => {
  const held = createHeldSession()
  let isStarted = false
  let isOpening = false
  /** True if there is a pooler between, which does not pass on notifications to the client that listens. */
  let isPooled = false
  /** True once a notification has arrived over this session. */
  let isNotified = false
  let retryTimer: NodeJS.Timeout | undefined

  const isActive = (): boolean => isStarted && life.isOpen()
  const poll = createEndPoll({ isActive, isNotified: () => isNotified, onSign, readEnd })
  const listenLater = (): void => {
    if (isActive()) retryTimer = unrefTimer(() => void listen(), reconnectMs)
  }
  const listen = async (): Promise<void> => {
    if (isOpening || isPooled || held.session()?.isOpen() === true || !isActive()) return
    isOpening = true
    isNotified = false
    try {
      const opened = await openListeningSession(context, () => {
        isNotified = true
        onSign()
      })
      isPooled = opened === undefined
      if (opened === undefined) return
      held.hold(opened)
      opened.onEnd(() => {
        if (held.session() !== opened) return
        isNotified = false
        listenLater()
      })
      if (!life.isOpen()) await held.close()
      else if (!isStarted) held.closeLater()
    } catch (thrown) {
      if (!isServerError(thrown)) throw thrown
      listenLater()
    } finally {
      isOpening = false
    }
  }

  const stop = (): void => {
    isStarted = false
    poll.stop()
    clearTimeout(retryTimer)
    held.closeLater()
  }
  return {
    start: () => {
      isStarted = true
      held.keep()
      void listen()
      poll.start()
    },
    stop,
    close: async () => {
      stop()
      await held.close()
    },
  }
}

/** Holds the session that listens, until some time after it was needed last. */
const createHeldSession = () => {
  let session: ServerSession | undefined
  let closeTimer: NodeJS.Timeout | undefined
  const keep = (): void => clearTimeout(closeTimer)
  /** Another session can be held while this one closes. */
  const close = async (): Promise<void> => {
    keep()
    const closing = session
    session = undefined
    await closing?.close()
  }
  return {
    session: () => session,
    hold: (opened: ServerSession): void => {
      session = opened
    },
    keep,
    closeLater: (): void => {
      keep()
      closeTimer = unrefTimer(() => void close(), keepOpenMs)
    },
    close,
  }
}

/**
 * Opens a session that calls `onNotification` at each notification of the log, and once at the start. undefined: there
 * is a pooler between, which runs each transaction in another session.
 */
const openListeningSession = async (
  { connection, sql, workspaceId }: ServerContext,
  onNotification: () => void,
): Promise<ServerSession | undefined> => {
  const session = await connection.openSession(connectMs)
  const [row] = await session.query(sql.readServerPid(), answerMs)
  if (row?.['pid'] !== session.serverPid()) {
    await session.close()
    return undefined
  }
  session.onNotification(onNotification)
  await session.query(sql.listen(workspaceId), answerMs)
  await session.query(sql.holdListenerLock(workspaceId), answerMs)
  // It covers what was appended before.
  await session.query(sql.notify(workspaceId), answerMs)
  return session
}
