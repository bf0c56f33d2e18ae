import { beginningOf } from '@claimlog/domain'

/** What of a file was not taken over as it stands there: the words by which a report sorts it. */
export const leftOutWords = {
  item: null,
  field: null,
  relation: null,
  need: null,
  status: null,
  claim: null,
  name: null,
  priority: null,
  due: null,
  change: null,
} as const

type LeftOutWhat = keyof typeof leftOutWords

/** One thing that was not taken over, how often, why, and where it was met first. */
export type LeftOut = {
  readonly what: LeftOutWhat
  /** What it is called there: a field's name, a status, a type of relation. */
  readonly name: string
  readonly count: number
  readonly why: string
  /** The first places, as their author finds them: an id or a line; of a name, what it becomes. */
  readonly examples: ReadonlyArray<string>
}

/** Gathers what is left out, each kind of thing once. */
export type LeftOutReport = {
  readonly leave: (what: LeftOutWhat, name: string, why: string, at: string) => void
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
