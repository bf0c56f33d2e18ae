import { beginningOf } from '@claimlog/domain'

/** As much as a line of a person's reading holds; the whole is there with `--json`. */
const most = 120
const mostNames = 20

/** Text for a place among others: the end of what is longer is left out. */
export const shortened = (text: string): string => (text.length > most ? `${beginningOf(text, most)}…` : text)

/** Names separated by commas; of a great many the first, and how many more there are. */
export const shortList = (names: ReadonlyArray<string>): string =>
  names.length <= mostNames
    ? names.join(', ')
    : `${names.slice(0, mostNames).join(', ')} and ${names.length - mostNames} more`
