import type { Refusal } from '@claimlog/domain'

type Lost = Extract<Refusal, { error: 'lease_lost' }>

/** Why a claim is over, and who has the task: as far as it is known. */
export const lostStory = ({ taskId, holder, speaker, lapsed }: Lost): string => {
  if (holder === undefined)
    return `the claim on ${taskId} is over: the task was put aside, blocked, or cancelled and revived since`
  const { worker, token, leaseUntil } = holder
  const now = `${worker} ${leaseUntil === undefined ? 'had it last' : 'has it since'}, under token ${token}`
  if (lapsed && worker !== speaker.worker) return `the claim on ${taskId} is over: the lease ended, and ${now}`
  const wrong = speaker.token === undefined ? '' : `token ${speaker.token} is not that of the last claim on ${taskId}: `
  return `${wrong}${lapsed ? 'its lease ended, and ' : ''}${now}`
}

/** What to do then. Another process may work under the same name, and has the task. */
export const lostHint = ({ holder, speaker }: Lost): string =>
  holder?.leaseUntil === undefined || holder.worker !== speaker.worker
    ? 'drop the work and claim another task'
    : `if that claim is yours too, give token ${holder.token}; if another process works as ${holder.worker}, leave the task to it`
