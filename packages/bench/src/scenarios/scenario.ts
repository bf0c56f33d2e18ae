import type { LargeWorkspaces } from '../workspaces/large-workspaces.ts'
import type { ReportSection } from '../report/figure.ts'

/** The environment of a scenario. */
export type ScenarioContext = {
  /** A separate directory on the measured file system; it is deleted afterwards. */
  readonly dir: string
  /** The directory that was named for measurements; a server has its files in it, as its user may not enter `dir`. */
  readonly parent: string
  /** A short run: to try the benchmark, not to quote its results. */
  readonly quick: boolean
  /** True if the peer is installed. */
  readonly peer: boolean
  /** Large workspaces, each created once per run. */
  readonly largeWorkspaces: LargeWorkspaces
  /** Prints progress. */
  readonly reportProgress: (text: string) => void
}

export type BenchScenario = {
  readonly name: string
  readonly title: string
  /** True: it measures a log on a server, without SQLite, and runs only if it is named. */
  readonly onServer?: boolean
  readonly run: (context: ScenarioContext) => Promise<Pick<ReportSection, 'figures' | 'remarks'>>
}
