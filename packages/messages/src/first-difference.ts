import type { TextDifference } from '@claimlog/queue-file'

/** Where a file differs first from what it should hold, in words: the line's number and what each has there. */
export const firstDifference = ({ line, found, expected }: TextDifference): string =>
  `line ${line} is ${shown(found)}, and should be ${shown(expected)}`

const shown = (line: string | undefined): string => (line === undefined ? 'missing' : JSON.stringify(line.trim()))
