import type { CommandInput } from '@claimlog/workspace'
import type { Random } from '../support/random.ts'

export const fleetKinds = ['docs', 'ci', 'build'] as const

type FleetTask = Extract<CommandInput, { command: 'add' }>['tasks'][number]

/** One task in this many is a hub on which many others depend. */
const hubInterval = 25

/**
 * Tasks with every shape of dependencies: chains, many on one, one on many, and none. They differ in priority and in
 * `max_attempts`; some are due a short time after `nowMs`.
 */
export const randomTasks = (random: Random, count: number, nowMs: number): ReadonlyArray<FleetTask> =>
  Array.from({ length: count }, (_, i) => ({
    taskId: taskName(i),
    kind: random.oneOf(fleetKinds) ?? 'docs',
    needs: randomNeeds(random, i),
    priority: random.chance(80) ? random.between(0, 9) : undefined,
    notBefore: random.chance(6) ? new Date(nowMs + random.between(500, 8000)).toISOString() : undefined,
    maxAttempts: random.between(2, 6),
    backoff: { firstMs: 5, maxMs: random.between(5, 50) },
    leaseMs: random.between(300, 800),
  }))

const taskName = (i: number): string => `task-${i + 1}`

const randomNeeds = (random: Random, i: number): ReadonlyArray<string> | undefined => {
  if (i === 0 || random.chance(25)) return undefined
  if (random.chance(25)) return [taskName(i - 1)]
  if (random.chance(50)) return [taskName(hubInterval * random.between(0, Math.floor((i - 1) / hubInterval)))]
  const many = Array.from({ length: random.between(2, 6) }, () => taskName(random.between(0, i - 1)))
  return [...new Set(many)]
}
