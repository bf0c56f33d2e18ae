import { printable } from '@claimlog/domain'

/** Since when a task or a kind is put aside, by whom and why: `since 2026-01-31T09:00:00.000Z by ann: the site is down`. */
export const asideWords = ({
  since,
  by,
  reason,
}: {
  readonly since: string
  readonly by?: string
  readonly reason?: string
}): string => `since ${since}${by === undefined ? '' : ` by ${printable(by)}`}${reason ? `: ${printable(reason)}` : ''}`
