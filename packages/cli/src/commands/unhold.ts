import { orderOnTask } from './order-with-reason.ts'

export const unhold = orderOnTask('unhold', 'put a task back that was put aside')
