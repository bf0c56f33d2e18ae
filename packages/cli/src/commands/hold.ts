import { orderOnTask } from '../order-on-task.ts'

export const hold = orderOnTask('hold', 'put a task aside: nobody can claim it')
