/** Runs tasks one after the other, in the order in which they were submitted. */
export type Mutex = <A>(task: () => Promise<A>) => Promise<A>

export const createMutex = (): Mutex => {
  let last: Promise<unknown> = Promise.resolve()
  return task => {
    const run = last.then(task)
    last = run.catch(() => undefined)
    return run
  }
}
