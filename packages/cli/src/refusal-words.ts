import { type Claim, claimView, type Refusal, type WaitingWork } from '@claimlog/domain'
import type { Words } from './problem.ts'

/** Puts the domain's refusals into words. */
export const refusalWords = (refusal: Refusal): Words => {
  switch (refusal.error) {
    case 'no_workspace':
      return {
        error: refusal.error,
        message: 'there is a log here, but no workspace was opened in it yet',
        hint: 'claimlog init opens one',
      }
    case 'bad_input':
      return {
        error: refusal.error,
        message: refusal.detail,
        hint: 'mend the input and try again; nothing was changed',
      }
    case 'no_ready_task':
      return noReadyTask(refusal)
    case 'unknown_task': {
      const { taskId, neededBy } = refusal
      return {
        error: refusal.error,
        message:
          neededBy === undefined ? `there is no task ${taskId}` : `${neededBy} needs ${taskId}, which does not exist`,
        hint: 'claimlog list shows all tasks; claimlog add makes a new one',
        data: { task_id: taskId, needed_by: neededBy },
      }
    }
    case 'task_exists': {
      const { taskId, fields } = refusal
      return {
        error: refusal.error,
        message: `there is a task ${taskId} already, with another ${fields.join(', ')}`,
        hint: `claimlog show ${taskId} shows it; give the new task another id`,
        data: { task_id: taskId, fields },
      }
    }
    case 'task_finished': {
      const { taskId, status, worker } = refusal
      return {
        error: refusal.error,
        message: `${taskId} is ${status}${worker === undefined ? '' : ` by ${worker}`}`,
        hint: `claimlog trace ${taskId} tells its history`,
        data: { task_id: taskId, status, worker },
      }
    }
    case 'task_held': {
      const { taskId, hold } = refusal
      return {
        error: refusal.error,
        message: `${taskId} is put aside since ${hold.time}${hold.by === undefined ? '' : ` by ${hold.by}`}${because(hold.reason)}`,
        hint: `claimlog unhold ${taskId} puts it back`,
        data: { task_id: taskId, since: hold.time, by: hold.by, reason: hold.reason },
      }
    }
    case 'task_blocked': {
      const { taskId, needs } = refusal
      return {
        error: refusal.error,
        message: `${taskId} waits for ${needs.join(', ')}`,
        hint: `it can be claimed once ${needs.length === 1 ? 'that is' : 'those are'} done`,
        data: { task_id: taskId, needs },
      }
    }
    case 'not_due': {
      const { taskId, dueAt } = refusal
      return {
        error: refusal.error,
        message: `${taskId} is not to be claimed before ${dueAt}`,
        hint: 'ask again then',
        data: { task_id: taskId, due_at: dueAt },
      }
    }
    case 'attempts_used_up': {
      const { taskId, attempts } = refusal
      return {
        error: refusal.error,
        message: `${taskId} has had its ${attempts} attempts; the lease of the last one ended`,
        hint: `claimlog trace ${taskId} tells what happened`,
        data: { task_id: taskId, attempts },
      }
    }
    case 'kind_paused':
      return {
        error: refusal.error,
        message: `tasks of the kind ${refusal.kind} are paused${because(refusal.reason)}`,
        hint: 'ask again when they are resumed',
        data: { kind: refusal.kind, reason: refusal.reason },
      }
    case 'kind_full':
      return {
        error: refusal.error,
        message: `${refusal.limit} tasks of the kind ${refusal.kind} are claimed, as many as may be at once`,
        hint: 'ask again when one of them is settled',
        data: { kind: refusal.kind, limit: refusal.limit },
      }
    case 'already_claimed': {
      const { taskId, claim } = refusal
      return {
        error: refusal.error,
        message: `${taskId} is held by ${claim.worker} ${lease(claim)}`,
        hint: 'claim another one, or ask again when it is settled or the lease has ended',
        data: { task_id: taskId, claim: claimView(claim) },
      }
    }
    case 'not_claimed':
      return {
        error: refusal.error,
        message: `nobody holds ${refusal.taskId}`,
        hint: `claimlog claim WORKER --task ${refusal.taskId} takes it`,
        data: { task_id: refusal.taskId },
      }
    case 'not_holder': {
      const { taskId, claim } = refusal
      return {
        error: refusal.error,
        message: `${taskId} is held by ${claim.worker} under token ${claim.token}, not by you`,
        hint: `give the worker's name and the token as claim answered them; claimlog show ${taskId} tells more`,
        data: { task_id: taskId, claim: claimView(claim) },
      }
    }
    case 'lease_lost': {
      const { taskId, holder } = refusal
      const now =
        holder === undefined
          ? 'the task was put aside since'
          : `${holder.worker} has it since, under token ${holder.token}`
      return {
        error: refusal.error,
        message: `the lease on ${taskId} ended, and ${now}`,
        hint: 'drop the work and claim another task',
        data: {
          task_id: taskId,
          holder: holder && { worker: holder.worker, token: holder.token, lease_until: holder.leaseUntil },
        },
      }
    }
    case 'needs_cycle':
      return {
        error: refusal.error,
        message: `the needs run in a circle: ${refusal.path.join(' → ')}`,
        hint: 'drop one of these needs',
        data: { path: refusal.path },
      }
  }
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

const lease = ({ leaseUntil }: Claim): string => (leaseUntil === null ? 'without an end' : `until ${leaseUntil}`)

const noReadyTask = (refusal: Extract<Refusal, { error: 'no_ready_task' }>): Words => {
  const { kinds, waiting } = refusal
  const { paused, full, nextAt } = waiting
  return {
    error: refusal.error,
    message: `no ${kinds.length === 0 ? '' : `${kinds.join(' or ')} `}task is ready${closed(waiting)}`,
    hint:
      nextAt === undefined
        ? 'claimlog list shows where the tasks stand; claimlog add makes a new one'
        : `one may be free at ${nextAt}; ask again then`,
    data: { kinds, paused: some(paused), full: some(full), next_at: nextAt },
  }
}

const closed = ({ paused, full }: WaitingWork): string =>
  (paused.length === 0 ? '' : `; paused: ${paused.join(', ')}`) +
  (full.length === 0 ? '' : `; full: ${full.join(', ')}`)

const some = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)
