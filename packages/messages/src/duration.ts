const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const

/** Other spellings of the units. */
const unitAliases = [
  [/^(ms|msecs?|milliseconds?)$/i, 'ms'],
  [/^(s|secs?|seconds?)$/i, 's'],
  [/^(m|mins?|minutes?)$/i, 'm'],
  [/^(h|hrs?|hours?)$/i, 'h'],
  [/^(d|days?)$/i, 'd'],
] as const

const amount = String.raw`(\d{1,12}(?:\.\d{1,3})?) ?`
/** Larger units first, each at most once; spaces as {@link formatDuration} writes them. */
const pattern = new RegExp(
  `^(?=\\d)(?:${amount}d ?)?(?:${amount}h ?)?(?:${amount}m ?)?(?:${amount}s ?)?(?:${amount}ms)?(?<! )$`,
)

/** Parses `90s`, `15m`, `2h`, `1d`, `1h30m` or `1h 30m` to milliseconds; undefined if it is not a duration. */
export const parseDuration = (text: string): number | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const perUnit = Object.values(unitMs)
  const ms = perUnit.reduce((sum, each, i) => sum + Number(match[i + 1] ?? 0) * each, 0)
  return Math.round(ms)
}

/** Explains why a text is not a duration, and how to write one. */
export const explainDurationError = (text: string): string => {
  if (/^\d+(\.\d+)?$/.test(text)) return `It has no unit: write ${text}s, ${text}m, ${text}h or ${text}d.`
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+),? ?/gi)]
  const isSequence = parts.length > 0 && parts.map(([part]) => part).join('') === text && !text.endsWith(' ')
  const unknown = parts.find(([, , unit = '']) => !Object.hasOwn(unitMs, unit))
  if (!isSequence) return `Write a duration like 90s, 15m, 2h, 1d or 1h30m.`
  if (unknown === undefined) return 'Write the larger unit first, and each once, as in 1h30m.'
  const [, number = '', unit = ''] = unknown
  const alias = unitAliases.find(([aliasPattern]) => aliasPattern.test(unit))?.[1]
  return alias === undefined
    ? `There is no unit '${unit}': write ms, s, m, h or d, as in 90s or 1h30m.`
    : `There is no unit '${unit}': write ${number}${alias}.`
}

/** Formats milliseconds for people: `40 ms`, `3.1 s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const [days, hours, minutes, seconds] = [
    Math.floor(ms / 86_400_000),
    Math.floor(ms / 3_600_000) % 24,
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ]
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'm'],
    [seconds, 's'],
  ] as const
  const first = parts.findIndex(([amount]) => amount > 0)
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ')
}
