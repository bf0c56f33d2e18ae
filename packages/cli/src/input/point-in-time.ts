const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/**
 * A time of RFC 3339 as milliseconds since the epoch; the seconds may be left out, and a date alone is its midnight in
 * UTC. undefined: it is none, or it is on a day that the calendar does not have.
 */
export const parseTime = (text: string): number | undefined => {
  const [, year, month, day] = pattern.exec(text) ?? []
  const ms = Date.parse(text)
  if (year === undefined || Number.isNaN(ms)) return undefined
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return midnight.getUTCDate() === Number(day) && ms >= 0 ? ms : undefined
}
