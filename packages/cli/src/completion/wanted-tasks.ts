import type { WantedTasks } from '@claimlog/client/unstable-internals'

const ofWorker = 'claimed'

/** The tasks that a command is meant for; of a command that is not here it can be any. */
const meantFor: Readonly<Record<string, WantedTasks['source']>> = {
  claim: 'unclaimed',
  ...{ complete: ofWorker, fail: ofWorker, renew: ofWorker, release: ofWorker },
  ...{ hold: 'open', cancel: 'open', amend: 'open', why: 'open', add: 'open', wait: 'open' },
  unhold: 'held',
  retry: 'finished',
}

/** The commands of which more is known than that they name a task. */
export const commandsWithTheirTasks: ReadonlyArray<string> = Object.keys(meantFor)

/** The tasks that a command is meant for, after some arguments. */
export const wantedTasks = (command: string, [worker]: ReadonlyArray<string>): WantedTasks => ({
  source: meantFor[command] ?? 'any',
  worker,
})
