import { refusalWords } from '@claimlog/client/unstable-internals'
import type { Copies, Outcome, RuleLeftOut, TwiceGiven } from '@claimlog/reconcile'
import { type ReconcileView, type StepView, eventSummary } from '@claimlog/wire'

/** The result of a reconciliation or of its preview. `appended`: lines were appended unchanged; `seq`: the new end of our log. */
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
  const copyView = ({ path, state, tail }: Copies['ours']): ReconcileView['here'] => ({
    path,
    seq: state.seq,
    events: tail.map(eventSummary),
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
    // Lines that are appended unchanged include their rules.
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
