import { refusalMessage } from '@claimlog/client/unstable-internals'
import type { Copies, MergeStepResult, UnmergedRule, DuplicateToken } from '@claimlog/reconcile'
import { type ReconcileView, type StepView, eventSummary } from '@claimlog/wire'

/** The result of a reconciliation or of its preview. `appended`: lines were appended unchanged; `seq`: the new end of our log. */
export type ReconcileResult = {
  readonly outcomes: ReadonlyArray<MergeStepResult>
  readonly appended: boolean
  readonly seq: number | undefined
}

export const toReconcileView = (
  copies: Copies,
  rules: ReadonlyArray<UnmergedRule>,
  duplicateTokens: ReadonlyArray<DuplicateToken>,
  { outcomes, appended, seq }: ReconcileResult,
  isDone: boolean,
): ReconcileView => {
  const { workspace, commonSeq, local, remote } = copies
  const toCopyView = ({ path, state, tail }: Copies['local']): ReconcileView['here'] => ({
    path,
    seq: state.seq,
    events: tail.map(eventSummary),
  })
  return {
    ok: true,
    reconciled: isDone,
    workspace,
    commonSeq,
    here: toCopyView(local),
    there: toCopyView(remote),
    appended,
    steps: outcomes.map(outcome => toStepView(outcome, isDone)),
    // Lines that are appended unchanged include their rules.
    rulesLeftOut: appended ? [] : rules,
    tokensGivenTwice: duplicateTokens.map(({ token, local, remote }) => ({
      token,
      here: { worker: local.worker, taskId: local.taskId },
      there: { worker: remote.worker, taskId: remote.taskId },
    })),
    seq: seq ?? copies.local.state.seq,
  }
}

const toStepView = ({ step, action, refusal, seq }: MergeStepResult, isDone: boolean): StepView => ({
  seq: step.seq,
  taskId: step.taskId,
  action,
  ...(step.action === 'complete' ? { worker: step.worker } : {}),
  ...('text' in step ? { text: step.text } : {}),
  ...(refusal === undefined ? {} : { refused: { error: refusal.error, message: refusalMessage(refusal).message } }),
  ...(isDone && seq !== undefined ? { madeSeq: seq } : {}),
})
