import type { CompletionView } from '@claimlog/wire'

export type Shell = CompletionView['shell']

/** The shells with completion support. */
export const shells: ReadonlyArray<Shell> = ['bash', 'zsh', 'fish']
