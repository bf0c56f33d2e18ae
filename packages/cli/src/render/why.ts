import { counted, printable } from '@claimlog/client/unstable-internals'
import type { GuardView, WhyView } from '@claimlog/wire'
import { guardWords } from './guard-words.ts'
import { bold, colouredStatus, dim } from './style.ts'

/** More needs than this are counted and not listed. */
const maxNeedsShown = 20

/** Why a task cannot be claimed, a guard a paragraph, and under each what would clear it; or that it can be. */
export const renderWhy = (view: WhyView, nowMs: number): string => {
  const head = `${bold(printable(view.task_id))}  ${printable(view.kind)}  ${colouredStatus(view.status)}`
  if (view.claimable) return `${head}\n\n  it can be claimed; ${placeWords(view.ahead ?? 0, printable(view.kind))}\n`
  const needs = view.guards.filter(({ guard }) => guard === 'need')
  const hidden = new Set(needs.slice(maxNeedsShown))
  const shown = view.guards.filter(guard => !hidden.has(guard))
  const rest =
    hidden.size === 0
      ? ''
      : `\n  and ${counted(hidden.size, 'need')} more that ${hidden.size === 1 ? 'is' : 'are'} not done\n`
  return `${head}\n\n${shown.map(guard => paragraph(guard, view, nowMs)).join('')}${rest}`
}

const paragraph = (guard: GuardView, { task_id: taskId }: WhyView, nowMs: number): string => {
  const { message, hint } = guardWords(guard, taskId, nowMs)
  return `  ${printable(message)}\n${dim(`    ${printable(hint)}`)}\n`
}

const placeWords = (ahead: number, kind: string): string =>
  ahead === 0
    ? `it is the first of its kind`
    : `${counted(ahead, `${kind} task`)} ${ahead === 1 ? 'comes' : 'come'} before it`
