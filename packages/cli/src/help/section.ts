/** A term and its description. */
export type HelpEntry = readonly [term: string, about: string]

/** A part of a help topic: prose, then terms with their descriptions. */
export type HelpSection = {
  readonly title: string
  readonly prose: ReadonlyArray<string>
  readonly entries: ReadonlyArray<HelpEntry>
}
