/** Formats a count with its noun: `1 event`, `2 events`. */
export const pluralize = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
