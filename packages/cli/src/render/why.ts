import { pluralize, toPrintable } from '@claimlog/client/unstable-internals'
import type { GuardView, WhyView } from '@claimlog/wire'
import { describeGuard } from './guard-message.ts'
import { bold, colourStatus, dim } from './style.ts'

/** More dependencies than this are counted, not listed. */
const needsShownMax = 20

/** The reasons why a task cannot be claimed, one paragraph per guard with its hint; or that it can be. */
export const renderWhy = (view: WhyView, nowMs: number): string => {
  const head = `${bold(toPrintable(view.taskId))}  ${toPrintable(view.kind)}  ${colourStatus(view.status)}`
  if (view.claimable)
    return `${head}\n\n  can be claimed; ${describePosition(view.ahead ?? 0, toPrintable(view.kind))}\n`
  const needs = view.guards.filter(({ guard }) => guard === 'need')
  const hidden = new Set(needs.slice(needsShownMax))
  const shown = view.guards.filter(guard => !hidden.has(guard))
  const rest =
    hidden.size === 0
      ? ''
      : `\n  and ${hidden.size} more ${hidden.size === 1 ? 'dependency that is' : 'dependencies that are'} not done\n`
  return `${head}\n\n${shown.map(guard => renderGuard(guard, view, nowMs)).join('')}${rest}`
}

const renderGuard = (guard: GuardView, { taskId }: WhyView, nowMs: number): string => {
  const { message, hint } = describeGuard(guard, taskId, nowMs)
  return `  ${toPrintable(message)}\n${dim(`    ${toPrintable(hint)}`)}\n`
}

const describePosition = (ahead: number, kind: string): string =>
  ahead === 0 ? `next of its kind` : `${pluralize(ahead, `${kind} task`)} ${ahead === 1 ? 'is' : 'are'} ahead of it`
