import type { TextDifference } from '@claimlog/queue-file'

/** Describes the first line in which a file differs from its expected text: the line number and both lines. */
export const describeDifference = ({ line, found, expected }: TextDifference): string =>
  `line ${line} is ${quoteLine(found)}, and should be ${quoteLine(expected)}`

const quoteLine = (line: string | undefined): string => (line === undefined ? 'missing' : JSON.stringify(line.trim()))
