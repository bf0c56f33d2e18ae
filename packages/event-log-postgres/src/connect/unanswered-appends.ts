import type { Statement } from './session.ts'

/** The appends that were sent and not answered yet: the server may have done them. */
export type UnansweredAppends = {
  /** Begins a request, or a transaction with more than one. */
  readonly begin: () => {
    /** Called whenever a statement of it is sent, also again. */
    readonly noteSent: (statement: Statement) => void
    /** Its outcome is known, or its caller learns that it is not. */
    readonly end: () => void
  }
  readonly exist: () => boolean
}

export const trackUnanswered = (): UnansweredAppends => {
  let count = 0
  return {
    begin: () => {
      let isCounted = false
      return {
        noteSent: ({ isAppend = false }) => {
          if (!isAppend || isCounted) return
          isCounted = true
          count += 1
        },
        end: () => {
          if (isCounted) count -= 1
          isCounted = false
        },
      }
    },
    exist: () => count > 0,
  }
}
