import type { TextDifference } from '@claimlog/queue-file'

/** Describes the first line in which a file differs from its expected text: the line number and both lines. */
export const firstDifference = ({ line, found, expected }: TextDifference): string =>
  `line ${line} is ${shown(found)}, and should be ${shown(expected)}`

const shown = (line: string | undefined): string => (line === undefined ? 'missing' : JSON.stringify(line.trim()))
