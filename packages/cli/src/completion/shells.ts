import type { CompletionView } from '@claimlog/wire'

export type Shell = CompletionView['shell']

/** The shells that completions are there for. */
export const shells: ReadonlyArray<Shell> = ['bash', 'zsh', 'fish']
