import type { Refusal } from '@claimlog/domain'

type LeaseLost = Extract<Refusal, { error: 'lease_lost' }>

/** Explains how a claim was lost and which worker has the task, as far as it is known. */
export const lostClaimMessage = ({ taskId, holder, credentials, expired }: LeaseLost): string => {
  if (holder === undefined)
    return `the claim on ${taskId} has ended: the task was put on hold, blocked, or cancelled and retried since`
  const { worker, token, leaseUntil } = holder
  const currentHolder = `${worker} ${leaseUntil === undefined ? 'had it last' : 'has it now'}, with token ${token}`
  if (expired && worker !== credentials.worker)
    return `the lease of the claim on ${taskId} expired, and ${currentHolder}`
  const wrongToken =
    credentials.token === undefined
      ? ''
      : `token ${credentials.token} is not the token of the last claim on ${taskId}: `
  return `${wrongToken}${expired ? 'its lease expired, and ' : ''}${currentHolder}`
}

/** The hint for a lost claim. Another process may use the same worker name and have the task. */
export const lostClaimHint = ({ holder, credentials }: LeaseLost): string =>
  holder?.leaseUntil === undefined || holder.worker !== credentials.worker
    ? 'drop the work and claim another task'
    : `if that claim is yours too, use token ${holder.token}; if another process works as ${holder.worker}, leave the task to it`
