import { orderOnKind } from './order-with-reason.ts'

export const resume = orderOnKind('resume', 'hand out tasks of a paused kind again')
