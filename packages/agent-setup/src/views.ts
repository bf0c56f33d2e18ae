/** What becomes of a file. */
export type FileState = 'unchanged' | 'created' | 'updated' | 'removed'

/** The queue that an agent finds from the project's folder, or why it finds none and how to get one. */
export type QueueView = {
  readonly workspace?: string
  readonly workspace_problem?: { readonly error: string; readonly message: string; readonly hint: string }
}

/** What `claimlog setup <agent>` came to. */
export type SetupView = QueueView & {
  readonly ok: true
  readonly agent: string
  readonly files: ReadonlyArray<{ readonly path: string; readonly state: FileState; readonly content?: string }>
  /** What the agent runs claimlog by. */
  readonly command: ReadonlyArray<string>
  readonly on_path: boolean
  readonly notes: ReadonlyArray<string>
}

/** How an agent stands in a project: `used` by what shows it there, or in the home folder. */
export type Standing = {
  readonly agent: string
  readonly title: string
  readonly used: 'here' | 'by_you' | 'no'
  readonly set_up: 'yes' | 'partly' | 'no' | 'unreadable'
  readonly files: ReadonlyArray<string>
  readonly problem?: string
}

/** What `claimlog setup` tells. */
export type SurveyView = QueueView & {
  readonly ok: true
  readonly agents: ReadonlyArray<Standing>
}
