import type { QueueFileOnDisk } from './queue-file-on-disk.ts'

/** One write of the file for many changes. */
export type CoalescedRefresh = {
  /** Has the file brought up to date by `refresh` in `ms`, unless that is coming already. */
  readonly soon: (refresh: () => Promise<void>, ms: number) => void
  /** Takes back what is coming; false: nothing was. */
  readonly stop: () => boolean
}

/** Less than so long after somebody wrote the file it is recent enough. */
const recentMs = 500

export const coalescedRefresh = (file: QueueFileOnDisk): CoalescedRefresh => {
  let timer: NodeJS.Timeout | undefined

  const arm = (refresh: () => Promise<void>, ms: number, mayWait: boolean): void => {
    timer = setTimeout(() => {
      // Others write it, too: one write in half a second is enough for all. Waiting twice could be waiting for ever.
      if (mayWait && wasWrittenWithin(file, recentMs)) return arm(refresh, recentMs, false)
      timer = undefined
      void refresh()
    }, ms)
    // Closing the workspace writes the file; waiting to write it is no reason to keep a process alive.
    timer.unref()
  }

  return {
    soon: (refresh, ms) => {
      if (timer === undefined) arm(refresh, ms, true)
    },
    stop: () => {
      if (timer === undefined) return false
      clearTimeout(timer)
      timer = undefined
      return true
    },
  }
}

/** Whether somebody wrote the file in the last `ms`; one from the future was not. */
const wasWrittenWithin = (file: QueueFileOnDisk, ms: number): boolean => {
  try {
    const ageMs = Date.now() - file.inspect().writtenAtMs
    return ageMs >= 0 && ageMs < ms
  } catch {
    // Whoever writes it will say what is wrong.
    return false
  }
}
