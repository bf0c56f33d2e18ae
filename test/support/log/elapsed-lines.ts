import type { CheckedLine } from './log-model.ts'

const toleranceMs = 1000

/**
 * The lines of a log with their times converted to elapsed time, as `docs/reference/format.md` defines it: `boot`, `up_ms` and
 * `clock` correct the other times. Lines without them do not change.
 */
export const elapsedLines = (lines: ReadonlyArray<CheckedLine>): ReadonlyArray<CheckedLine> => {
  let shiftMs = 0
  let lastMs = -Infinity
  let anchor: { readonly boot: string; readonly upMs: number; readonly elapsedMs: number } | undefined
  return lines.map(line => {
    const wallMs = Date.parse(line.clock ?? line.time)
    const wallElapsedMs = wallMs + shiftMs
    if (line.boot !== undefined && line.up_ms !== undefined) {
      const bootElapsedMs = anchor?.boot === line.boot ? anchor.elapsedMs + line.up_ms - anchor.upMs : wallElapsedMs
      const elapsedMs = Math.max(bootElapsedMs, lastMs)
      anchor = { boot: line.boot, upMs: line.up_ms, elapsedMs }
      if (Math.abs(elapsedMs - wallElapsedMs) > toleranceMs) shiftMs = elapsedMs - wallMs
    } else if (line.clock !== undefined && lastMs - wallElapsedMs > toleranceMs) shiftMs = lastMs - wallMs
    lastMs = Math.max(lastMs, wallMs + shiftMs)
    const shiftTime = (time: string): string => new Date(Date.parse(time) + lastMs - wallMs).toISOString()
    const { lease_until, retry_at, not_before } = line
    return {
      ...line,
      time: new Date(lastMs).toISOString(),
      ...(typeof lease_until === 'string' ? { lease_until: shiftTime(lease_until) } : {}),
      ...(typeof retry_at === 'string' ? { retry_at: shiftTime(retry_at) } : {}),
      ...(typeof not_before === 'string' ? { not_before: shiftTime(not_before) } : {}),
    }
  })
}
