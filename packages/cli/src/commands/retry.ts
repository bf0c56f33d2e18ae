import { orderOnTask } from '../order-on-task.ts'

export const retry = orderOnTask('retry', 'revive a failed, cancelled or done task, its attempts counted from 0')
