import { monotonicMs } from '../connect/connection.ts'
import type { ServerContext } from '../log-context.ts'

/** Tells other processes that the log has grown. Only a hint: it is not waited for, and may be lost. */
export type Notifier = {
  readonly notify: () => void
  /** Resolves once the last notification was sent. */
  readonly settle: () => Promise<void>
}

/** The shortest time between two notifications: each wakes everyone who waits, and costs the server a transaction. */
const notifyPauseMs = 25

/** Sends one notification at a time, the first at once: what is appended soon after it is covered by the next. */
export const createNotifier = ({ connection, sql, workspaceId }: ServerContext): Notifier => {
  let sending: Promise<void> | undefined
  let isDue = false
  let sentAtMs = Number.NEGATIVE_INFINITY
  let endPause: (() => void) | undefined

  /** Waits until the next notification may be sent, or until `endPause` is called. */
  const pause = async (): Promise<void> => {
    const ms = sentAtMs + notifyPauseMs - monotonicMs()
    if (ms <= 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms)
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    endPause = undefined
  }
  const send = async (): Promise<void> => {
    while (isDue) {
      await pause()
      isDue = false
      sentAtMs = monotonicMs()
      await connection.send(sql.notify(workspaceId))
    }
    sending = undefined
  }
  return {
    notify: () => {
      isDue = true
      sending ??= send()
    },
    settle: async () => {
      sentAtMs = Number.NEGATIVE_INFINITY
      endPause?.()
      await sending
    },
  }
}
