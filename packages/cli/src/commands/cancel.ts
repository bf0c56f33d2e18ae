import { orderOnTask } from '../order-on-task.ts'

export const cancel = orderOnTask('cancel', 'say that a task will not be done, also while a worker holds it')
