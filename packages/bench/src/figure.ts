/** What a figure is meant to reach at first. `measured` is in the mark's own unit, which may be a ratio to a floor. */
export type Mark = {
  readonly measured: number
  readonly wanted: number
  readonly is: 'at least' | 'at most'
  /** The mark in words, such as `at least 30,000/s`. */
  readonly words: string
  readonly met: boolean
}

/** One measured figure. */
export type Figure = {
  readonly what: string
  readonly value: number
  readonly unit: '/s' | 'ms' | 'µs' | 'times'
  /** The same figure against what this machine can do at best, in words. */
  readonly beside?: string
  readonly mark?: Mark
  /** What else was measured on the way, for `--json`. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** The figures of one scenario, and remarks on how they came about. */
export type Section = {
  readonly name: string
  readonly title: string
  readonly figures: ReadonlyArray<Figure>
  readonly remarks: ReadonlyArray<string>
}

/** What every scenario is given. */
export type Setting = {
  /** A directory of its own, on the file system that is measured; it is deleted afterwards. */
  readonly dir: string
  /** Less of everything: for trying out, not for quoting. */
  readonly quick: boolean
  /** Tells whoever waits what is going on. */
  readonly tell: (text: string) => void
}

/** Something to measure. */
export type Scenario = {
  readonly name: string
  readonly title: string
  readonly run: (setting: Setting) => Promise<Pick<Section, 'figures' | 'remarks'>>
}

/** A mark that is met from `wanted` upwards. */
export const atLeast = (measured: number, wanted: number, words: string): Mark => ({
  measured,
  wanted,
  is: 'at least',
  words: `at least ${words}`,
  met: measured >= wanted,
})

/** A mark that is met from `wanted` downwards. */
export const atMost = (measured: number, wanted: number, words: string): Mark => ({
  measured,
  wanted,
  is: 'at most',
  words: `at most ${words}`,
  met: measured <= wanted,
})
