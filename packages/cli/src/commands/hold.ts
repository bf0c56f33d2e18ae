import { orderOnTask } from './order-with-reason.ts'

export const hold = orderOnTask('hold', 'put a task aside: nobody can claim it')
