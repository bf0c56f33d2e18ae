import type { ListView } from '@claimlog/domain'
import { printable } from '../output.ts'
import { renderClaim } from './lease.ts'
import { colouredStatus, dim } from './style.ts'
import { renderTable } from './table.ts'

/** The tasks as a table; a claimed task shows who holds it. */
export const renderList = ({ tasks }: ListView, nowMs: number): string => {
  if (tasks.length === 0) return `${dim('no tasks; claimlog add <kind> makes one')}\n`
  return renderTable(
    ['TASK', 'KIND', 'STATUS', 'CLAIM', 'TITLE'],
    tasks.map(({ id, kind, status, claim, title }) => [
      printable(id),
      printable(kind),
      colouredStatus(status),
      claim === undefined ? dim('-') : renderClaim(claim, nowMs),
      printable(title ?? ''),
    ]),
  )
}
