import { truncateText } from '@claimlog/domain'
import type { ImportWarning } from '@claimlog/wire'

/** Collects what is not imported; the same type, name and reason are one entry with a count. */
export type ImportWarnings = {
  readonly add: (what: ImportWarning['what'], name: string, why: string, example: string) => void
  readonly list: () => ReadonlyArray<ImportWarning>
}

const examplesMax = 3
/** If names differ in every task, such as keys that are ids, the report must not grow with the file. */
const entriesMax = 100
const nameLengthMax = 80

/** Creates an empty report. */
export const importWarnings = (): ImportWarnings => {
  const entries = new Map<string, ImportWarning & { count: number; readonly examples: Array<string> }>()
  return {
    add: (what, name, why, example) => {
      const shortName = entries.size < entriesMax ? truncateName(name) : 'others'
      const key = JSON.stringify([what, shortName, why])
      let entry = entries.get(key)
      if (entry === undefined) entries.set(key, (entry = { what, name: shortName, count: 0, why, examples: [] }))
      entry.count += 1
      if (entry.examples.length < examplesMax) entry.examples.push(truncateName(example))
    },
    list: () => [...entries.values()],
  }
}

/** Truncates a name to fit a line of the report, not within a character. */
export const truncateName = (text: string): string =>
  text.length > nameLengthMax ? `${truncateText(text, nameLengthMax)}…` : text
