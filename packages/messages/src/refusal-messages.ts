import { toWireName } from '@claimlog/codecs'
import {
  type Claim,
  explainBadInput,
  type NoReadyTask,
  type Refusal,
  type RefusalCode,
  initialClock,
  type WaitingTask,
} from '@claimlog/domain'
import { claimView, guardView, type NoNextTask, type WaitingTaskView } from '@claimlog/wire'
import { movedMessage } from './log-hints.ts'
import { pluralize } from './pluralize.ts'
import { lostClaimHint, lostClaimMessage } from './lost-claim-message.ts'
import { shellQuote } from './shell-quote.ts'
import { abridge, closedKinds, findMisspeltKind, waitingSummary, waitingHint } from './waiting-message.ts'
import { type ErrorMessage, messageForAgents, messageForPeople, type AudienceMessage } from './error-message.ts'

type RefusalByCode<W extends RefusalCode> = Extract<Refusal, { error: W }>

/** Describes a refusal to a person. */
export const refusalMessage = (refusal: Refusal): ErrorMessage<RefusalCode> =>
  messageForPeople(buildMessage(refusal, toWireName))

/** Describes a refusal to an agent; the hints name tools. */
export const refusalMessageForAgents = (refusal: Refusal): ErrorMessage<RefusalCode> =>
  messageForAgents(buildMessage(refusal, toWireName))

/** Describes a refusal to a program that uses the library: names of fields are spelled as in code. */
export const refusalMessageForPrograms = (refusal: Refusal): ErrorMessage<RefusalCode> =>
  messageForPeople(buildMessage(refusal, name => name))

/** Spells the name of a field, which is given as in code. */
type SpellField = (codeName: string) => string

const buildMessage = <W extends RefusalCode>(
  refusal: RefusalByCode<W>,
  spell: SpellField,
): AudienceMessage<RefusalCode> => {
  const build = messageBuilders[refusal.error]
  return { error: refusal.error, ...build(refusal, spell) }
}

/** Explains why there is no next task, as a document. */
export const noNextTaskView = ({ error, kinds, waiting }: NoReadyTask): NoNextTask => ({
  error,
  message: `no ${kinds.length === 0 ? '' : `${kinds.join(' or ')} `}task is ready${waitingSummary(waiting)}`,
  hint: waitingHint(waiting),
  kinds,
  paused: unlessEmpty(closedKinds('paused', waiting)),
  full: unlessEmpty(closedKinds('full', waiting)),
  nextAt: waiting.nextAt,
  waiting: unlessEmpty(waiting.kinds),
  moreWaiting: waiting.more,
  tasks: unlessEmpty(waiting.tasks.map(waitingTaskView)),
})

/** Hints for agents, by the error codes that refusals and failures share. */
export const agentHints = {
  no_workspace: 'run claimlog init in the project and call again, or start the server with --dir DIR',
  bad_input: 'fix the arguments and call again; nothing was changed',
} as const

const messageBuilders: {
  readonly [W in RefusalCode]: (refusal: RefusalByCode<W>, spell: SpellField) => Omit<AudienceMessage, 'error'>
} = {
  no_workspace: () => ({
    message: 'there is a log here, but no workspace in it yet',
    hint: 'claimlog init creates one',
    agentHint: agentHints.no_workspace,
  }),
  workspace_moved: ({ target }) => movedMessage('this log', target),
  bad_input: ({ detail }, spell) => ({
    message: explainBadInput(detail, spell),
    hint: 'fix the input and try again; nothing was changed',
    agentHint: agentHints.bad_input,
  }),
  no_ready_task: refusal => {
    const { error: _, message, hint, ...data } = noNextTaskView(refusal)
    const agentHint =
      findMisspeltKind(refusal.waiting) === undefined
        ? 'claim_task with wait_s waits for one; list_tasks shows the status of the tasks'
        : undefined
    return { message, hint, agentHint, data }
  },
  unknown_task: ({ taskId, dependentId }) => ({
    message:
      dependentId === undefined
        ? `there is no task ${taskId === '' ? "''" : taskId}`
        : `${dependentId} depends on ${taskId}, which does not exist`,
    hint: 'claimlog list shows all tasks; claimlog add adds a new one',
    agentHint: 'list_tasks shows all tasks; add_tasks adds a new one',
    data: { taskId, neededBy: dependentId },
  }),
  task_exists: ({ taskId, fields, imported }, spell) => ({
    message: `task ${taskId} already exists, with a different ${fields.map(spell).join(', ')}`,
    hint:
      `claimlog show ${shellQuote(taskId)} shows it; ` +
      (imported === true
        ? '--keep-existing leaves it unchanged and imports the others'
        : 'give the new task another id'),
    agentHint: 'trace_task shows the existing one; give the new task another id',
    data: { taskId, fields: fields.map(spell) },
  }),
  task_finished: ({ taskId, status, worker, otherResult }) => ({
    message:
      `${taskId} is already ${status}${worker === undefined ? '' : `, by ${worker}`}` +
      (otherResult === true ? ', with a different result, which is kept' : ''),
    hint: `claimlog trace ${shellQuote(taskId)} shows its history`,
    agentHint: 'trace_task shows its history; claim_task claims another one',
    data: { taskId, status, worker },
  }),
  task_held: ({ taskId, hold }) => ({
    message: `${taskId} has been on hold since ${hold.time}${hold.by === undefined ? '' : `, by ${hold.by}`}${reasonSuffix(hold.reason)}`,
    hint: `claimlog unhold ${shellQuote(taskId)} makes it claimable again`,
    agentHint: 'a person put it on hold; claim_task claims another one',
    data: { taskId, since: hold.time, by: hold.by, reason: hold.reason },
  }),
  task_blocked: ({ taskId, needs }) => ({
    message: `${taskId} is blocked by ${abridge(needs).join(', ')}`,
    hint: `it can be claimed once ${needs.length === 1 ? 'that task is' : 'those tasks are'} done`,
    agentHint: 'it can be claimed once its dependencies are done; claim_task without task_id claims a ready one',
    data: { taskId, needs },
  }),
  not_due: ({ taskId, dueAt }) => ({
    message: `${taskId} cannot be claimed before ${dueAt}`,
    hint: 'try again then',
    data: { taskId, dueAt },
  }),
  attempts_used_up: ({ taskId, attempts }) => ({
    message: `${taskId} has no attempts left: it has had ${pluralize(attempts, 'attempt')}`,
    hint: `claimlog trace ${shellQuote(taskId)} shows what happened`,
    agentHint: 'trace_task shows what happened; claim_task claims another one',
    data: { taskId, attempts },
  }),
  kind_paused: ({ kind, seq, reason }) => ({
    message: `tasks of kind ${kind} have been paused since seq ${seq}${reasonSuffix(reason)}`,
    hint: `claimlog resume ${shellQuote(kind)} allows claims again`,
    agentHint: 'a person paused this kind; claim tasks of another kind, or try again later',
    data: { kind, seq, reason },
  }),
  kind_full: ({ kind, limit }) => ({
    message: `${pluralize(limit, 'task')} of kind ${kind} ${limit === 1 ? 'is' : 'are'} claimed, which is the limit`,
    hint: 'try again when one is finished',
    data: { kind, limit },
  }),
  already_claimed: ({ taskId, claim, needs }) => ({
    message: `${taskId}${needs === undefined ? '' : `, which depends on ${needs},`} is claimed by ${claim.worker} ${formatLease(claim)}`,
    hint:
      needs === undefined
        ? 'choose another task, or try again when it is finished or the lease has expired'
        : 'try again when it is finished or the lease has expired',
    data: { taskId, needs, claim: claimView(claim, initialClock) },
  }),
  not_claimed: ({ taskId }) => ({
    message: `${taskId} is not claimed`,
    hint: `claimlog claim WORKER --task=${shellQuote(taskId).replace('-- ', '')} claims it`,
    agentHint: 'claim_task with task_id claims it',
    data: { taskId },
  }),
  not_holder: ({ taskId, claim, credentials }) =>
    claim.worker === credentials.worker
      ? {
          message: `token ${credentials.token} is not the token of the current claim on ${taskId}: ${claim.worker} has claimed it with token ${claim.token}`,
          hint: `use token ${claim.token}, or omit it to use your current claim; nothing was changed`,
          agentHint: holderHint,
          data: { taskId, claim: claimView(claim, initialClock) },
        }
      : {
          message: `${taskId} is claimed by ${claim.worker} with token ${claim.token}, not by you (${credentials.worker})`,
          hint: `use the worker name and the token that claim returned; claimlog show ${shellQuote(taskId)} shows more`,
          agentHint: holderHint,
          data: { taskId, claim: claimView(claim, initialClock) },
        },
  lease_lost: refusal => ({
    message: lostClaimMessage(refusal),
    hint: lostClaimHint(refusal),
    agentHint: 'drop the work on it; claim_task claims another one',
    data: {
      taskId: refusal.taskId,
      holder: refusal.holder && {
        worker: refusal.holder.worker,
        token: refusal.holder.token,
        leaseUntil: refusal.holder.leaseUntil,
      },
    },
  }),
  seq_conflict: ({ expectedSeq, seq }) => ({
    message: `the log ends at seq ${seq}, not at ${expectedSeq}`,
    hint: `${expectedSeq < seq ? `claimlog diff ${expectedSeq} shows what was appended in between` : 'check which workspace you are in'}; try again with --expect-seq ${seq}`,
    data: { expectedSeq, seq },
  }),
  request_reused: ({ requestId, seq }) => ({
    message: `request id ${requestId} was already used, at seq ${seq}, for a different request`,
    hint: 'use a new id for each request',
    data: { requestId, seq },
  }),
  needs_cycle: ({ path }) => ({
    message: `the dependencies form a cycle: ${abridge(path).join(' → ')}`,
    hint: 'leave out one of these dependencies',
    data: { path },
  }),
}

const holderHint = 'trace_task shows who has claimed it; list_tasks shows your name and your claims'

const reasonSuffix = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`)

const formatLease = ({ leaseUntil }: Claim): string => (leaseUntil === null ? 'with no expiry' : `until ${leaseUntil}`)

const waitingTaskView = ({ taskId, guards, moreGuards }: WaitingTask): WaitingTaskView => ({
  taskId,
  guards: guards.map(guardView),
  moreGuards: moreGuards === 0 ? undefined : moreGuards,
})

const unlessEmpty = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)

/** True if a kind was misspelt; the hints for people and agents then suggest the right one. */
export const hasMisspeltKind = (refusal: Refusal): boolean =>
  refusal.error === 'no_ready_task' && findMisspeltKind(refusal.waiting) !== undefined
