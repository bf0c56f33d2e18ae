import type { BigWorkspaces } from '../workspaces/big-workspaces.ts'
import type { Section } from '../report/figure.ts'

/** The environment of a scenario. */
export type Setting = {
  /** A separate directory on the measured file system; it is deleted afterwards. */
  readonly dir: string
  /** A short run: to try the benchmark, not to quote its results. */
  readonly quick: boolean
  /** True if the peer is installed. */
  readonly peer: boolean
  /** Large workspaces, each created once per run. */
  readonly big: BigWorkspaces
  /** Prints progress. */
  readonly tell: (text: string) => void
}

export type Scenario = {
  readonly name: string
  readonly title: string
  readonly run: (setting: Setting) => Promise<Pick<Section, 'figures' | 'remarks'>>
}
