import * as E from 'fp-ts/lib/Either.js'
import type { LifeCycle, LogWatch } from '@claimlog/event-log'
import { monotonicMs } from '../connect/connection.ts'
import type { ServerContext } from '../log-context.ts'
import { openListener } from './listener.ts'

/** Wakes everything in this process that waits for appends to one log. */
export type WatchHub = {
  readonly watch: () => LogWatch
  /** Reports an append of this process, so that its own watches need not wait for the server. */
  readonly noteAppend: () => void
  readonly close: () => Promise<void>
}

const keepAliveMs = 60_000

/**
 * Watches share one connection that listens for notifications. It is opened for the first watch and closed some
 * time after the last. A notification is a hint that can be lost, so the end of the log is also polled: every 5 s, or up to every 2 s
 * if the server or a pooler delivers none.
 */
export const createWatchHub = (context: ServerContext, life: LifeCycle): WatchHub => {
  /** Counts the signs of an append. */
  let signs = 0
  let openCount = 0
  const waiting = new Set<() => void>()
  const wakeAll = (): void => {
    signs += 1
    for (const wake of [...waiting]) wake()
  }
  const listener = openListener(context, life, wakeAll, readEnd(context))

  const watch = (): LogWatch => {
    let seen = signs
    let isClosed = false
    openCount += 1
    if (openCount === 1) listener.start()
    const closeWatch = (): void => {
      if (isClosed) return
      isClosed = true
      unsubscribe()
      openCount -= 1
      if (openCount === 0) listener.stop()
      for (const wake of [...waiting]) wake()
    }
    let unsubscribe = (): void => undefined
    unsubscribe = life.onClosing(closeWatch)
    return {
      next: async signal => {
        const isDone = (): boolean => signal.aborted || isClosed || seen !== signs
        // A call that waits keeps the process alive, although the connections of this log do not.
        const keepAlive = setInterval(() => undefined, keepAliveMs)
        while (!isDone())
          await new Promise<void>(resolve => {
            const wake = (): void => {
              waiting.delete(wake)
              signal.removeEventListener('abort', wake)
              resolve()
            }
            waiting.add(wake)
            signal.addEventListener('abort', wake)
          })
        clearInterval(keepAlive)
        seen = signs
      },
      close: closeWatch,
    }
  }
  return { watch, noteAppend: wakeAll, close: async () => listener.close() }
}

/** The seq of the last event; undefined: the server does not answer. */
const readEnd =
  ({ connection, sql, workspaceId, lockTimeoutMs }: ServerContext) =>
  async (): Promise<number | undefined> => {
    const answer = await connection.request(sql.readEnd(workspaceId), monotonicMs() + lockTimeoutMs)()
    return E.isRight(answer) ? Number(answer.right[0]?.['seq'] ?? 0) : undefined
  }
