import { pluralize, toPrintable, shellQuote, displayPath } from '@claimlog/client/unstable-internals'
import { ellipsize } from './text.ts'
import { renderTail } from './sides.ts'
import { bold } from './style.ts'
import { renderTable } from './table.ts'
import type { ReconcileView, RuleView, StepView, DuplicateTokenView } from '@claimlog/wire'

/** Two copies of a log: the events of only one, and the work that was or would be brought over. `otherPath`: the given path. */
export const renderReconcile = (view: ReconcileView, dir: string | undefined, otherPath: string): string => {
  const { here, there, commonSeq: common, appended, steps, reconciled, tokensGivenTwice: duplicateTokens } = view
  const claimlog = `claimlog${dir === undefined ? '' : ` --dir ${shellQuote(dir)}`}`
  if (there.events.length === 0)
    return `nothing to bring over: every event of ${displayPath(there.path)} is in this log, which ends at seq ${view.seq}\n`
  const parts = [
    `both copies have events 1 to ${common}\n`,
    `${bold(`only here, ${displayPath(here.path)}`)}\n${here.events.length === 0 ? 'nothing\n' : renderTail(here.events)}`,
    `${bold(`only there, ${displayPath(there.path)}`)}\n${renderTail(there.events)}`,
    appended
      ? describeAppended(view)
      : steps.length === 0
        ? 'nothing to bring over: this log has everything\n'
        : renderSteps(steps, reconciled),
    view.rulesLeftOut.length === 0 ? '' : renderRules(view.rulesLeftOut, claimlog),
    duplicateTokens.length === 0 ? '' : renderDuplicateTokens(duplicateTokens),
    reconciled
      ? `this log ends at seq ${view.seq} now; the other copy is unchanged\n`
      : appended || steps.length > 0
        ? `Nothing was changed. To bring it over:\n  ${bold(`${claimlog} reconcile ${shellQuote(displayPath(otherPath))} --yes`)}\n`
        : '',
  ]
  return parts.filter(part => part !== '').join('\n')
}

const describeAppended = ({ there, reconciled }: ReconcileView): string =>
  `only the other copy has new events: its ${pluralize(there.events.length, 'event')} ` +
  `${reconciled ? 'were' : 'would be'} appended unchanged, with the same tokens\n`

const renderSteps = (steps: ReadonlyArray<StepView>, done: boolean): string =>
  `${bold(done ? 'brought over' : 'to be brought over')}\n` +
  renderTable(
    ['SEQ', 'TASK', 'BECOMES', 'WHAT'],
    steps.map(({ seq, taskId, action, worker, text, refused: refusal }) => [
      String(seq),
      toPrintable(taskId),
      actionNames[action],
      ellipsize(
        toPrintable(
          [
            worker !== undefined && action === 'complete' ? `by ${worker}` : (text ?? ''),
            refusal === undefined ? '' : `(${refusal.message})`,
          ]
            .filter(Boolean)
            .join(' '),
        ),
      ),
    ]),
  )

const actionNames: Readonly<Record<StepView['action'], string>> = {
  add: 'a task',
  complete: 'a completion',
  hold: 'a hold',
  cancel: 'a cancellation',
  note: 'a note',
  none: 'nothing',
}

const renderRules = (rules: ReadonlyArray<RuleView>, claimlog: string): string =>
  `${bold('Rules that only the other copy has are not brought over. To set them here too:')}\n` +
  rules.map(rule => `  ${toPrintable(`${claimlog} ${formatRuleCommand(rule)}`)}\n`).join('')

const formatRuleCommand = ({ event, kind, limit, reason }: RuleView): string => {
  const quotedKind = shellQuote(kind)
  if (event === 'limited') return `limit ${quotedKind} ${limit ?? 'none'}`
  return `${event === 'paused' ? 'pause' : 'resume'} ${quotedKind}${reason === undefined ? '' : ` --reason ${shellQuote(reason)}`}`
}

const renderDuplicateTokens = (duplicateTokens: ReadonlyArray<DuplicateTokenView>): string =>
  `${bold('Tokens granted by both copies. Check every resource that is fenced by them:')}\n` +
  renderTable(
    ['TOKEN', 'HERE', 'THERE'],
    duplicateTokens.map(({ token, here, there }) => [
      String(token),
      ...[here, there].map(({ worker, taskId }) => toPrintable(`${worker}, ${taskId}`)),
    ]),
  )
