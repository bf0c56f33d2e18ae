import { type Claim, claimView, type Refusal, type RefusalWord, type WaitingWork } from '@claimlog/domain'
import { shellQuote } from './shell-quote.ts'
import type { Words } from './words.ts'

type RefusalOf<W extends RefusalWord> = Extract<Refusal, { error: W }>
type Wording = Omit<Words, 'error'>

/** Puts the domain's refusals into words. */
export const refusalWords = <W extends RefusalWord>(refusal: RefusalOf<W>): Words => {
  const wording = wordings[refusal.error]
  return { error: refusal.error, ...wording(refusal) }
}

const wordings: { readonly [W in RefusalWord]: (refusal: RefusalOf<W>) => Wording } = {
  no_workspace: () => ({
    message: 'there is a log here, but no workspace was opened in it yet',
    hint: 'claimlog init opens one',
  }),
  bad_input: ({ detail }) => ({ message: detail, hint: 'mend the input and try again; nothing was changed' }),
  no_ready_task: ({ kinds, waiting }) => ({
    message: `no ${kinds.length === 0 ? '' : `${kinds.join(' or ')} `}task is ready${closed(waiting)}`,
    hint:
      waiting.nextAt === undefined
        ? 'claimlog list shows where the tasks stand; claimlog add makes a new one'
        : `one may be free at ${waiting.nextAt}; ask again then`,
    data: { kinds, paused: some(waiting.paused), full: some(waiting.full), next_at: waiting.nextAt },
  }),
  unknown_task: ({ taskId, neededBy }) => ({
    message:
      neededBy === undefined
        ? `there is no task ${taskId === '' ? "''" : taskId}`
        : `${neededBy} needs ${taskId}, which does not exist`,
    hint: 'claimlog list shows all tasks; claimlog add makes a new one',
    data: { task_id: taskId, needed_by: neededBy },
  }),
  task_exists: ({ taskId, fields }) => ({
    message: `there is a task ${taskId} already, with another ${fields.join(', ')}`,
    hint: `claimlog show ${shellQuote(taskId)} shows it; give the new task another id`,
    data: { task_id: taskId, fields },
  }),
  task_finished: ({ taskId, status, worker, otherResult }) => ({
    message:
      `${taskId} is ${status}${worker === undefined ? '' : ` by ${worker}`}` +
      (otherResult === true ? ', with another result, which stands' : ''),
    hint: `claimlog trace ${shellQuote(taskId)} tells its history`,
    data: { task_id: taskId, status, worker },
  }),
  task_held: ({ taskId, hold }) => ({
    message: `${taskId} is put aside since ${hold.time}${hold.by === undefined ? '' : ` by ${hold.by}`}${because(hold.reason)}`,
    hint: `claimlog unhold ${shellQuote(taskId)} puts it back`,
    data: { task_id: taskId, since: hold.time, by: hold.by, reason: hold.reason },
  }),
  task_blocked: ({ taskId, needs }) => ({
    message: `${taskId} waits for ${needs.join(', ')}`,
    hint: `it can be claimed once ${needs.length === 1 ? 'that is' : 'those are'} done`,
    data: { task_id: taskId, needs },
  }),
  not_due: ({ taskId, dueAt }) => ({
    message: `${taskId} is not to be claimed before ${dueAt}`,
    hint: 'ask again then',
    data: { task_id: taskId, due_at: dueAt },
  }),
  attempts_used_up: ({ taskId, attempts }) => ({
    message: `${taskId} has had its ${attempts} attempts; the lease of the last one ended`,
    hint: `claimlog trace ${shellQuote(taskId)} tells what happened`,
    data: { task_id: taskId, attempts },
  }),
  kind_paused: ({ kind, reason }) => ({
    message: `tasks of the kind ${kind} are paused${because(reason)}`,
    hint: 'ask again when they are resumed',
    data: { kind, reason },
  }),
  kind_full: ({ kind, limit }) => ({
    message: `${limit} tasks of the kind ${kind} are claimed, as many as may be at once`,
    hint: 'ask again when one of them is settled',
    data: { kind, limit },
  }),
  already_claimed: ({ taskId, claim }) => ({
    message: `${taskId} is held by ${claim.worker} ${lease(claim)}`,
    hint: 'claim another one, or ask again when it is settled or the lease has ended',
    data: { task_id: taskId, claim: claimView(claim) },
  }),
  not_claimed: ({ taskId }) => ({
    message: `nobody holds ${taskId}`,
    hint: `claimlog claim WORKER --task=${shellQuote(taskId).replace('-- ', '')} takes it`,
    data: { task_id: taskId },
  }),
  not_holder: ({ taskId, claim }) => ({
    message: `${taskId} is held by ${claim.worker} under token ${claim.token}, not by you`,
    hint: `give the worker's name and the token as claim answered them; claimlog show ${shellQuote(taskId)} tells more`,
    data: { task_id: taskId, claim: claimView(claim) },
  }),
  lease_lost: ({ taskId, holder }) => ({
    message:
      `the lease on ${taskId} ended, and ` +
      (holder === undefined
        ? 'the task was put aside since'
        : `${holder.worker} has it since, under token ${holder.token}`),
    hint: 'drop the work and claim another task',
    data: {
      task_id: taskId,
      holder: holder && { worker: holder.worker, token: holder.token, lease_until: holder.leaseUntil },
    },
  }),
  needs_cycle: ({ path }) => ({
    message: `the needs run in a circle: ${path.join(' → ')}`,
    hint: 'drop one of these needs',
    data: { path },
  }),
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

const lease = ({ leaseUntil }: Claim): string => (leaseUntil === null ? 'without an end' : `until ${leaseUntil}`)

const closed = ({ paused, full }: WaitingWork): string =>
  (paused.length === 0 ? '' : `; paused: ${paused.join(', ')}`) +
  (full.length === 0 ? '' : `; full: ${full.join(', ')}`)

const some = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)
