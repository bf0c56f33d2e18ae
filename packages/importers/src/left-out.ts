import { beginningOf } from '@claimlog/domain'
import type { LeftOut } from '@claimlog/wire'

/** Gathers what is left out, each kind of thing once. */
export type LeftOutReport = {
  readonly leave: (what: LeftOut['what'], name: string, why: string, at: string) => void
  readonly list: () => ReadonlyArray<LeftOut>
}

const maxExamples = 3
/** Where names are made up per task, as keys that are ids, the report must not grow as the file does. */
const maxKinds = 100
const maxNameLength = 80

/** A report that holds nothing yet. */
export const leftOutReport = (): LeftOutReport => {
  const kinds = new Map<string, LeftOut & { count: number; readonly examples: Array<string> }>()
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

/** A name as a report shows it: no longer than a line, and not cut within a character. */
export const shortened = (text: string): string =>
  text.length > maxNameLength ? `${beginningOf(text, maxNameLength)}…` : text
