import type { FileState } from './planned-file.ts'
import type { Standing } from './set-up.ts'

/** What `claimlog setup <agent>` came to. */
export type SetupView = {
  readonly ok: true
  readonly agent: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly state: FileState; readonly content?: string }>
  /** What the agent runs claimlog by. */
  readonly command: ReadonlyArray<string>
  readonly on_path: boolean
  readonly workspace?: string
  readonly notes: ReadonlyArray<string>
}

/** What `claimlog setup` tells. */
export type SurveyView = {
  readonly ok: true
  readonly agents: ReadonlyArray<Standing>
  readonly workspace?: string
}
