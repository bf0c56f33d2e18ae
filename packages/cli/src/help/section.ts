/** A word or a flag, and what it means. */
export type Entry = readonly [term: string, about: string]

/** A part of what help tells: prose, then words with what each means. */
export type Section = {
  readonly title: string
  readonly prose: ReadonlyArray<string>
  readonly entries: ReadonlyArray<Entry>
}
