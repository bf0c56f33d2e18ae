import type { ServerContext } from '../log-context.ts'

/** Tells other processes that the log has grown. Only a hint: it is not waited for, and may be lost. */
export type Notifier = {
  readonly notify: () => void
  /** Resolves once the last notification was sent. */
  readonly settle: () => Promise<void>
}

/** Sends one notification at a time: what was appended meanwhile is covered by the next. */
export const createNotifier = ({ connection, sql, workspaceId }: ServerContext): Notifier => {
  let sending: Promise<void> | undefined
  let isDue = false
  const send = async (): Promise<void> => {
    while (isDue) {
      isDue = false
      await connection.send(sql.notify(workspaceId))
    }
    sending = undefined
  }
  return {
    notify: () => {
      isDue = true
      sending ??= send()
    },
    settle: async () => sending,
  }
}
