const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/

/**
 * Parses an RFC 3339 time to milliseconds since the epoch. Seconds are optional, and a date alone is its midnight in UTC.
 * Returns undefined for invalid text or a day that does not exist.
 */
export const parseTime = (text: string): number | undefined => {
  const [, year, month, day] = pattern.exec(text) ?? []
  const ms = Date.parse(text)
  if (year === undefined || Number.isNaN(ms)) return undefined
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return midnight.getUTCDate() === Number(day) && ms >= 0 ? ms : undefined
}
