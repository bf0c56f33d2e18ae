import { refusalWords } from '@claimlog/client/unstable-internals'
import { type EventSummary, summaryOf } from '../../render/event-summary.ts'
import type { Copies, Outcome, RuleLeftOut, TwiceGiven } from '@claimlog/reconcile'

/** One of two copies of a log: where it ends, and what the other does not have. */
type CopyView = { readonly path: string; readonly seq: number; readonly events: ReadonlyArray<EventSummary> }

/** What an event of the other copy came to here, or would. `seq`: that event's; `made_seq`: of the event it became. */
export type StepView = {
  readonly seq: number
  readonly task_id: string
  readonly action: Outcome['action']
  readonly worker?: string
  readonly text?: string
  readonly refused?: { readonly error: string; readonly message: string }
  readonly made_seq?: number
}

/** A rule of a kind that only the other copy has: it is not brought over. `limit` of null: there is none. */
export type RuleView = {
  readonly seq: number
  readonly event: RuleLeftOut['event']
  readonly kind: string
  readonly limit?: number | null
  readonly reason?: string
  readonly by?: string
}

type GivenView = { readonly worker: string; readonly task_id: string }
export type TwiceGivenView = { readonly token: number; readonly here: GivenView; readonly there: GivenView }

/** What `reconcile` says. `reconciled`: it was done; `appended`: the other copy's lines were taken over as they are. */
export type ReconcileView = {
  readonly ok: true
  readonly reconciled: boolean
  readonly workspace: string
  readonly common_seq: number
  readonly here: CopyView
  readonly there: CopyView
  readonly appended: boolean
  readonly steps: ReadonlyArray<StepView>
  readonly rules_left_out: ReadonlyArray<RuleView>
  readonly tokens_given_twice: ReadonlyArray<TwiceGivenView>
  readonly seq: number
}

/** What was done, or would be. `appended`: lines were taken over as they are; `seq`: where our log ends then. */
export type Reconciled = {
  readonly outcomes: ReadonlyArray<Outcome>
  readonly appended: boolean
  readonly seq: number | undefined
}

export const reconcileView = (
  copies: Copies,
  rules: ReadonlyArray<RuleLeftOut>,
  twice: ReadonlyArray<TwiceGiven>,
  { outcomes, appended, seq }: Reconciled,
  done: boolean,
): ReconcileView => {
  const { workspace, commonSeq, ours, theirs } = copies
  const copyView = ({ path, state, tail }: Copies['ours']): CopyView => ({
    path,
    seq: state.seq,
    events: tail.map(summaryOf),
  })
  return {
    ok: true,
    reconciled: done,
    workspace,
    common_seq: commonSeq,
    here: copyView(ours),
    there: copyView(theirs),
    appended,
    steps: outcomes.map(outcome => stepView(outcome, done)),
    // Lines that are taken over as they are bring their rules.
    rules_left_out: appended ? [] : rules,
    tokens_given_twice: twice.map(({ token, here, there }) => ({
      token,
      here: { worker: here.worker, task_id: here.taskId },
      there: { worker: there.worker, task_id: there.taskId },
    })),
    seq: seq ?? copies.ours.state.seq,
  }
}

const stepView = ({ step, action, refused, seq }: Outcome, done: boolean): StepView => ({
  seq: step.seq,
  task_id: step.taskId,
  action,
  ...(step.action === 'complete' ? { worker: step.worker } : {}),
  ...('text' in step ? { text: step.text } : {}),
  ...(refused === undefined ? {} : { refused: { error: refused.error, message: refusalWords(refused).message } }),
  ...(done && seq !== undefined ? { made_seq: seq } : {}),
})
