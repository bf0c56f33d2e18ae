import { truncateText } from '@claimlog/domain'
import type { ImportWarning } from '@claimlog/wire'

/** Collects what is not imported; the same type, name and reason are one entry with a count. */
export type LeftOutReport = {
  readonly leave: (what: ImportWarning['what'], name: string, why: string, at: string) => void
  readonly list: () => ReadonlyArray<ImportWarning>
}

const maxExamples = 3
/** If names differ in every task, such as keys that are ids, the report must not grow with the file. */
const maxKinds = 100
const maxNameLength = 80

/** Creates an empty report. */
export const leftOutReport = (): LeftOutReport => {
  const kinds = new Map<string, ImportWarning & { count: number; readonly examples: Array<string> }>()
  return {
    leave: (what, name, why, at) => {
      const shortName = kinds.size < maxKinds ? shortened(name) : 'others'
      const key = JSON.stringify([what, shortName, why])
      let known = kinds.get(key)
      if (known === undefined) kinds.set(key, (known = { what, name: shortName, count: 0, why, examples: [] }))
      known.count += 1
      if (known.examples.length < maxExamples) known.examples.push(shortened(at))
    },
    list: () => [...kinds.values()],
  }
}

/** Truncates a name to fit a line of the report, not within a character. */
export const shortened = (text: string): string =>
  text.length > maxNameLength ? `${truncateText(text, maxNameLength)}…` : text
