const prefix = 'reconcile-'

/** The request id of what the event with this hash comes to in another copy of its log: the same each time. */
export const requestIdOf = (hash: string, suffix?: string): string =>
  suffix === undefined ? `${prefix}${hash}` : `${prefix}${hash}-${suffix}`

/** The hash of the event of another copy that a request brought over; undefined: it brought none. */
export const originOf = (requestId: string): string | undefined =>
  /^reconcile-([0-9a-f]{32})(?:-\w+)?$/.exec(requestId)?.[1]
