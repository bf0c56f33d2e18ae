import type { WantedTasks } from '@claimlog/client/unstable-internals'

const ofWorker = 'claimed'

/** The tasks to complete, by command; any task for a command that is not listed. */
const meantFor: Readonly<Record<string, WantedTasks['source']>> = {
  claim: 'unclaimed',
  ...{ complete: ofWorker, fail: ofWorker, renew: ofWorker, release: ofWorker },
  ...{ hold: 'open', cancel: 'open', amend: 'open', why: 'open', add: 'open', wait: 'open' },
  unhold: 'held',
  retry: 'finished',
}

/** The commands that complete some tasks only. */
export const commandsWithTheirTasks: ReadonlyArray<string> = Object.keys(meantFor)

/** The tasks to complete for a command, after some arguments. */
export const wantedTasks = (command: string, [worker]: ReadonlyArray<string>): WantedTasks => ({
  source: meantFor[command] ?? 'any',
  worker,
})
