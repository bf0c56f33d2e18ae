import { orderOnTask } from './order-with-reason.ts'

export const cancel = orderOnTask('cancel', 'say that a task will not be done, also while a worker holds it')
