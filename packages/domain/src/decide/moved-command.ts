import type { Time } from '../values/scalars.ts'
import { after } from '../time/time.ts'
import type { AddTasks } from './add-tasks.ts'
import type { AmendTask } from './amend-task.ts'
import type { ImportTasks } from './import-tasks.ts'

/** A command with the moments that it names, which are those of a wall clock, moved by `ms`. */
export const withMomentsMoved = <C extends { readonly command: string }>(command: C, ms: number): C => {
  if (ms === 0) return command
  const by = <T extends Time | null | undefined>(time: T): T =>
    typeof time === 'string' ? (after(time, ms) as T) : time
  const naming = command as { readonly command: string } as AddTasks | AmendTask | ImportTasks
  if (naming.command === 'add') {
    const tasks = naming.tasks.map(task => ({ ...task, notBefore: by(task.notBefore) }))
    return { ...command, tasks }
  }
  if (naming.command === 'amend') return { ...command, notBefore: by(naming.notBefore) }
  if (naming.command === 'import') {
    const tasks = naming.tasks.map(({ task, standing }) => ({
      task: { ...task, notBefore: by(task.notBefore) },
      standing: { ...standing, leaseUntil: by(standing.leaseUntil), retryAt: by(standing.retryAt) },
    }))
    return { ...command, tasks }
  }
  return command
}
