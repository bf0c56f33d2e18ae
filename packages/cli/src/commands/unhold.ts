import { orderOnTask } from '../order-on-task.ts'

export const unhold = orderOnTask('unhold', 'put a task back that was put aside')
