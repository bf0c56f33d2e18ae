import type { WantedTasks } from '@claimlog/client/unstable-internals'

const claimedSource = 'claimed'

/** The tasks to complete, by command; any task for a command that is not listed. */
const sourceByCommand: Readonly<Record<string, WantedTasks['source']>> = {
  claim: 'unclaimed',
  ...{ complete: claimedSource, fail: claimedSource, renew: claimedSource, release: claimedSource },
  ...{ hold: 'open', cancel: 'open', amend: 'open', why: 'open', add: 'open', wait: 'open' },
  unhold: 'held',
  retry: 'finished',
}

/** The commands that complete some tasks only. */
export const commandsWithTaskSource: ReadonlyArray<string> = Object.keys(sourceByCommand)

/** The tasks to complete for a command, after some arguments. */
export const wantedTasks = (command: string, [worker]: ReadonlyArray<string>): WantedTasks => ({
  source: sourceByCommand[command] ?? 'any',
  worker,
})
