/** Asks at intervals if a log has grown. */
export type EndPoll = { readonly start: () => void; readonly stop: () => void }

const notifiedPollMs = 5000
/** Without notifications: short at first, for what follows soon, then longer. */
const firstPollMs = 250
const pollMsMax = 2000

type EndPollOptions = {
  /** False: it is stopped. */
  readonly isActive: () => boolean
  /** True if notifications arrive: it then only covers those that get lost. */
  readonly isNotified: () => boolean
  /** Called if the end of the log has changed. */
  readonly onSign: () => void
  /** Returns the last seq, or undefined if that is not known. */
  readonly readEnd: () => Promise<number | undefined>
}

export const createEndPoll = ({ isActive, isNotified, onSign, readEnd }: EndPollOptions): EndPoll => {
  let knownEnd: number | undefined
  let timer: NodeJS.Timeout | undefined
  let pauseMs = firstPollMs

  const poll = async (): Promise<void> => {
    const end = await readEnd()
    if (!isActive()) return
    // The first end counts as a change, too: it is not known what was appended since the watch began.
    if (end !== undefined && end !== knownEnd) {
      pauseMs = firstPollMs
      onSign()
    }
    knownEnd = end ?? knownEnd
    clearTimeout(timer)
    timer = unrefTimer(() => void poll(), isNotified() ? notifiedPollMs : pauseMs)
    pauseMs = Math.min(pollMsMax, pauseMs * 1.5)
  }
  return {
    start: () => {
      knownEnd = undefined
      pauseMs = firstPollMs
      void poll()
    },
    stop: () => clearTimeout(timer),
  }
}

/** A timer that alone does not keep a process alive: a call that waits has one of its own. */
export const unrefTimer = (run: () => void, ms: number): NodeJS.Timeout => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return timer
}
