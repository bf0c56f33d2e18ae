import { orderOnTask } from './order-with-reason.ts'

export const retry = orderOnTask('retry', 'revive a failed, cancelled or done task, its attempts counted from 0')
