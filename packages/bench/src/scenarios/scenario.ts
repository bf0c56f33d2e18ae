import type { BigWorkspaces } from '../workspaces/big-workspaces.ts'
import type { Section } from '../report/figure.ts'

/** What every scenario is given. */
export type Setting = {
  /** A directory of its own, on the file system that is measured; it is deleted afterwards. */
  readonly dir: string
  /** Less of everything: for trying out, not for quoting. */
  readonly quick: boolean
  /** Whether the peer can be measured beside us. */
  readonly peer: boolean
  /** Large workspaces, made once a run. */
  readonly big: BigWorkspaces
  /** Tells whoever waits what is going on. */
  readonly tell: (text: string) => void
}

/** Something to measure. */
export type Scenario = {
  readonly name: string
  readonly title: string
  readonly run: (setting: Setting) => Promise<Pick<Section, 'figures' | 'remarks'>>
}
