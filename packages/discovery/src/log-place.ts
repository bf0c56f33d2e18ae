/** The log of a queue: `events.jsonl` in a directory, or a log on a server. */
export type LogPlace = { readonly _tag: 'directory'; readonly dir: string } | PlaceOnServer

export type PlaceOnServer = {
  readonly _tag: 'server'
  /** May contain a password: for messages use `withoutPassword`. */
  readonly url: string
  /** True if a `config.json` names it, which may have come with a repository, and not the user. */
  readonly isNamedByFile: boolean
  /** The directory for derived files; undefined: a directory in the user's cache. */
  readonly dir: string | undefined
  /** True if `dir` was named for derived files, so that `queue.json` is kept there. */
  readonly keepsQueueFile: boolean
}

/** The log that a user names, by flags or variables; neither: the nearest one is searched. */
export type PlaceChoice = {
  /** The URL of a log. It counts before `dir`, which is then for derived files. */
  readonly log?: string | undefined
  /** The directory of a workspace. */
  readonly dir?: string | undefined
}
