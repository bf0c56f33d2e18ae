/** Resolves after `ms`. These two are `node:timers/promises` without its millisecond of loading. */
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** Resolves once everything else that is due has had its turn. */
export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
