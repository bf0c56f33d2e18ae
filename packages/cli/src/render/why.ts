import { pluralize, toPrintable } from '@claimlog/client/unstable-internals'
import type { GuardView, WhyView } from '@claimlog/wire'
import { guardWords } from './guard-words.ts'
import { bold, colouredStatus, dim } from './style.ts'

/** More dependencies than this are counted, not listed. */
const maxNeedsShown = 20

/** The reasons why a task cannot be claimed, one paragraph per guard with its hint; or that it can be. */
export const renderWhy = (view: WhyView, nowMs: number): string => {
  const head = `${bold(toPrintable(view.task_id))}  ${toPrintable(view.kind)}  ${colouredStatus(view.status)}`
  if (view.claimable) return `${head}\n\n  can be claimed; ${placeWords(view.ahead ?? 0, toPrintable(view.kind))}\n`
  const needs = view.guards.filter(({ guard }) => guard === 'need')
  const hidden = new Set(needs.slice(maxNeedsShown))
  const shown = view.guards.filter(guard => !hidden.has(guard))
  const rest =
    hidden.size === 0
      ? ''
      : `\n  and ${hidden.size} more ${hidden.size === 1 ? 'dependency that is' : 'dependencies that are'} not done\n`
  return `${head}\n\n${shown.map(guard => paragraph(guard, view, nowMs)).join('')}${rest}`
}

const paragraph = (guard: GuardView, { task_id: taskId }: WhyView, nowMs: number): string => {
  const { message, hint } = guardWords(guard, taskId, nowMs)
  return `  ${toPrintable(message)}\n${dim(`    ${toPrintable(hint)}`)}\n`
}

const placeWords = (ahead: number, kind: string): string =>
  ahead === 0 ? `next of its kind` : `${pluralize(ahead, `${kind} task`)} ${ahead === 1 ? 'is' : 'are'} ahead of it`
