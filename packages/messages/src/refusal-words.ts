import {
  type Claim,
  type NoReadyTask,
  type Refusal,
  type RefusalWord,
  unsetClock,
  type WaitingTask,
} from '@claimlog/domain'
import { claimView, guardView, type NoNextTask, type WaitingTask as WaitingTaskView } from '@claimlog/wire'
import { counted } from './counted.ts'
import { lostHint, lostStory } from './lost-claim-words.ts'
import { shellQuote } from './shell-quote.ts'
import { abridged, kindsThatAre, misspeltKind, standing, waitingHint } from './waiting-words.ts'
import { type Words, wordsForAgents, wordsForPeople, type Wording } from './words.ts'

type RefusalOf<W extends RefusalWord> = Extract<Refusal, { error: W }>

/** Puts the domain's refusals into words. */
export const refusalWords = (refusal: Refusal): Words<RefusalWord> => wordsForPeople(wordingOf(refusal))

/** The same for an agent, whose hints name tools. */
export const refusalWordsForAgents = (refusal: Refusal): Words<RefusalWord> => wordsForAgents(wordingOf(refusal))

const wordingOf = <W extends RefusalWord>(refusal: RefusalOf<W>): Wording<RefusalWord> => {
  const wording = wordings[refusal.error]
  return { error: refusal.error, ...wording(refusal) }
}

/** Why there is no next task, as a document. */
export const noNextTask = ({ error, kinds, waiting }: NoReadyTask): NoNextTask => ({
  error,
  message: `no ${kinds.length === 0 ? '' : `${kinds.join(' or ')} `}task is ready${standing(waiting)}`,
  hint: waitingHint(waiting),
  kinds,
  paused: some(kindsThatAre('paused', waiting)),
  full: some(kindsThatAre('full', waiting)),
  next_at: waiting.nextAt,
  waiting: some(waiting.kinds),
  more_waiting: waiting.more,
  tasks: some(waiting.tasks.map(waitingTask)),
})

/** What an agent does next, where failures too have such a code. */
export const agentHints = {
  no_workspace: 'run claimlog init in the project and call again; or have the server started with --dir DIR',
  bad_input: 'mend the arguments and call again; nothing was changed',
} as const

const wordings: { readonly [W in RefusalWord]: (refusal: RefusalOf<W>) => Omit<Wording, 'error'> } = {
  no_workspace: () => ({
    message: 'there is a log here, but no workspace was opened in it yet',
    hint: 'claimlog init opens one',
    agentHint: agentHints.no_workspace,
  }),
  bad_input: ({ detail }) => ({
    message: detail,
    hint: 'mend the input and try again; nothing was changed',
    agentHint: agentHints.bad_input,
  }),
  no_ready_task: refusal => {
    const { error: _, message, hint, ...data } = noNextTask(refusal)
    const agentHint =
      misspeltKind(refusal.waiting) === undefined
        ? 'claim_task with wait_s waits for one; list_tasks shows where the tasks stand'
        : undefined
    return { message, hint, agentHint, data }
  },
  unknown_task: ({ taskId, neededBy }) => ({
    message:
      neededBy === undefined
        ? `there is no task ${taskId === '' ? "''" : taskId}`
        : `${neededBy} needs ${taskId}, which does not exist`,
    hint: 'claimlog list shows all tasks; claimlog add makes a new one',
    agentHint: 'list_tasks shows what there is; add_tasks makes a new one',
    data: { task_id: taskId, needed_by: neededBy },
  }),
  task_exists: ({ taskId, fields, imported }) => ({
    message: `there is a task ${taskId} already, with another ${fields.join(', ')}`,
    hint:
      `claimlog show ${shellQuote(taskId)} shows it; ` +
      (imported === true
        ? '--keep-existing leaves it as it is, and imports the others'
        : 'give the new task another id'),
    agentHint: 'trace_task shows the one that is there; give the new task another id',
    data: { task_id: taskId, fields },
  }),
  task_finished: ({ taskId, status, worker, otherResult }) => ({
    message:
      `${taskId} is ${status}${worker === undefined ? '' : ` by ${worker}`}` +
      (otherResult === true ? ', with another result, which stands' : ''),
    hint: `claimlog trace ${shellQuote(taskId)} tells its history`,
    agentHint: 'trace_task tells its history; claim_task takes another one',
    data: { task_id: taskId, status, worker },
  }),
  task_held: ({ taskId, hold }) => ({
    message: `${taskId} is put aside since ${hold.time}${hold.by === undefined ? '' : ` by ${hold.by}`}${because(hold.reason)}`,
    hint: `claimlog unhold ${shellQuote(taskId)} puts it back`,
    agentHint: 'a person put it aside; claim_task takes another one',
    data: { task_id: taskId, since: hold.time, by: hold.by, reason: hold.reason },
  }),
  task_blocked: ({ taskId, needs }) => ({
    message: `${taskId} waits for ${abridged(needs).join(', ')}`,
    hint: `it can be claimed once ${needs.length === 1 ? 'that is' : 'those are'} done`,
    agentHint: 'it can be claimed once its needs are done; claim_task without task_id takes one that is ready',
    data: { task_id: taskId, needs },
  }),
  not_due: ({ taskId, dueAt }) => ({
    message: `${taskId} is not to be claimed before ${dueAt}`,
    hint: 'ask again then',
    data: { task_id: taskId, due_at: dueAt },
  }),
  attempts_used_up: ({ taskId, attempts }) => ({
    message: `${taskId} has had ${counted(attempts, 'attempt')} already`,
    hint: `claimlog trace ${shellQuote(taskId)} tells what happened`,
    agentHint: 'trace_task tells what happened; claim_task takes another one',
    data: { task_id: taskId, attempts },
  }),
  kind_paused: ({ kind, seq, reason }) => ({
    message: `tasks of the kind ${kind} are paused since seq ${seq}${because(reason)}`,
    hint: `claimlog resume ${shellQuote(kind)} hands them out again`,
    agentHint: 'a person paused this kind; claim tasks of another one, or ask again later',
    data: { kind, seq, reason },
  }),
  kind_full: ({ kind, limit }) => ({
    message: `${counted(limit, 'task')} of the kind ${kind} ${limit === 1 ? 'is' : 'are'} claimed, as many as may be at once`,
    hint: 'ask again when one is settled',
    data: { kind, limit },
  }),
  already_claimed: ({ taskId, claim, needs }) => ({
    message: `${taskId}${needs === undefined ? '' : `, which needs ${needs},`} is held by ${claim.worker} ${lease(claim)}`,
    hint:
      needs === undefined
        ? 'choose another one, or ask again when it is settled or the lease has ended'
        : 'ask again when it is settled or the lease has ended',
    data: { task_id: taskId, needs, claim: claimView(claim, unsetClock) },
  }),
  not_claimed: ({ taskId }) => ({
    message: `nobody holds ${taskId}`,
    hint: `claimlog claim WORKER --task=${shellQuote(taskId).replace('-- ', '')} takes it`,
    agentHint: 'claim_task with task_id takes it',
    data: { task_id: taskId },
  }),
  not_holder: ({ taskId, claim, speaker }) =>
    claim.worker === speaker.worker
      ? {
          message: `token ${speaker.token} is not that of the present claim on ${taskId}: ${claim.worker} holds it under token ${claim.token}`,
          hint: `give token ${claim.token}, or none to speak of the claim that you hold; nothing was changed`,
          agentHint: whoHolds,
          data: { task_id: taskId, claim: claimView(claim, unsetClock) },
        }
      : {
          message: `${taskId} is held by ${claim.worker} under token ${claim.token}, not by you (${speaker.worker})`,
          hint: `give the worker's name and the token as claim answered them; claimlog show ${shellQuote(taskId)} tells more`,
          agentHint: whoHolds,
          data: { task_id: taskId, claim: claimView(claim, unsetClock) },
        },
  lease_lost: lost => ({
    message: lostStory(lost),
    hint: lostHint(lost),
    agentHint: 'drop the work on it; claim_task takes another one',
    data: {
      task_id: lost.taskId,
      holder: lost.holder && {
        worker: lost.holder.worker,
        token: lost.holder.token,
        lease_until: lost.holder.leaseUntil,
      },
    },
  }),
  seq_conflict: ({ expectedSeq, seq }) => ({
    message: `the log ends at seq ${seq}, not at ${expectedSeq}`,
    hint: `${expectedSeq < seq ? `claimlog diff ${expectedSeq} shows what came in between` : 'look which workspace you are in'}; ask again with --expect-seq ${seq}`,
    data: { expected_seq: expectedSeq, seq },
  }),
  request_reused: ({ requestId, seq }) => ({
    message: `the request ${requestId} came before, at seq ${seq}, and asked for something else`,
    hint: 'give each request an id of its own',
    data: { request_id: requestId, seq },
  }),
  needs_cycle: ({ path }) => ({
    message: `the needs run in a circle: ${abridged(path).join(' → ')}`,
    hint: 'drop one of these needs',
    data: { path },
  }),
}

const whoHolds = 'trace_task tells who has it; list_tasks tells your name and what you hold'

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

const lease = ({ leaseUntil }: Claim): string => (leaseUntil === null ? 'without an end' : `until ${leaseUntil}`)

const waitingTask = ({ taskId, guards, moreGuards }: WaitingTask): WaitingTaskView => ({
  task_id: taskId,
  guards: guards.map(guardView),
  more_guards: moreGuards === 0 ? undefined : moreGuards,
})

const some = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)

/** Whether it is known what kind was meant, which both hints say. */
export const asksMisspeltKind = (refusal: Refusal): boolean =>
  refusal.error === 'no_ready_task' && misspeltKind(refusal.waiting) !== undefined
