/** How many tasks a worker may still take. */
export type Quota = {
  /** Takes one place for a task to be claimed; false: there is none left. */
  readonly take: () => boolean
  /** There was no task for the place. */
  readonly giveBack: () => void
  /** No more shall be taken. */
  readonly close: () => void
}

export const quotaOf = (tasks: number): Quota => {
  let left = tasks
  let isOpen = true
  return {
    take: () => {
      if (!isOpen || left <= 0) return false
      left -= 1
      return true
    },
    giveBack: () => {
      left += 1
    },
    close: () => {
      isOpen = false
    },
  }
}
