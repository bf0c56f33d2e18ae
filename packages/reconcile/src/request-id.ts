const prefix = 'reconcile-'

/** The request id of the step for the event with this hash: the same each time. */
export const toRequestId = (hash: string, suffix?: string): string =>
  suffix === undefined ? `${prefix}${hash}` : `${prefix}${hash}-${suffix}`

/** The hash of the event of another copy that a request merged; undefined: it merged none. */
export const parseOriginHash = (requestId: string): string | undefined =>
  /^reconcile-([0-9a-f]{32})(?:-\w+)?$/.exec(requestId)?.[1]
