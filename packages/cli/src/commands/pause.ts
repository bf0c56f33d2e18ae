import { orderOnKind } from './order-with-reason.ts'

export const pause = orderOnKind('pause', 'hand out no more tasks of a kind; whoever holds one goes on')
