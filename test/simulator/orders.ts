import type { CommandInput } from '@claimlog/workspace'
import type { Random } from '../support/random.ts'

/** A worker's memory, which survives the death of its process: its claims and its requests. */
export type Memory = {
  readonly worker: string
  readonly tokens: Array<{ readonly taskId: string; readonly token: number }>
  /** Commands with a request id, to be repeated verbatim. */
  readonly requests: Array<CommandInput>
  asked: number
}

const kinds = ['docs', 'ci'] as const
const taskIds = Array.from({ length: 14 }, (_, i) => `t${i + 1}`)

/** The next command of a worker: mostly claims and ends of its claims. */
export const drawOrder = (memory: Memory, random: Random): CommandInput => {
  if (memory.requests.length > 0 && random.chance(15)) return random.oneOf(memory.requests) as CommandInput
  memory.asked += 1
  const by = `${memory.worker}-${memory.asked}`
  const order = { ...drawn(memory, random), by }
  if (!random.chance(30)) return order
  const request = { ...order, requestId: by }
  memory.requests.push(request)
  return request
}

const drawn = (memory: Memory, random: Random): CommandInput => {
  const { worker, tokens } = memory
  const share = random.between(0, 99)
  if (share < 40) return { command: 'claim', worker, ...work(random), count: random.chance(15) ? 3 : undefined }
  const held = random.oneOf(tokens)
  if (share < 70 && held !== undefined) return settling(memory, held, random)
  if (share < 85) return { command: 'add', tasks: someTasks(random) }
  return byThePerson(random)
}

/** The kinds and the lease of a claim. */
const work = (random: Random): { readonly kinds: ReadonlyArray<string>; readonly leaseMs: number | null } => ({
  kinds: random.chance(50) ? [] : [random.oneOf(kinds) as string],
  leaseMs: random.chance(10) ? null : random.between(20, 3000),
})

const settling = (memory: Memory, held: { taskId: string; token: number }, random: Random): CommandInput => {
  const of = { worker: memory.worker, ...held }
  const share = random.between(0, 99)
  if (share < 20) return { command: 'renew', ...of, leaseMs: random.between(20, 3000) }
  memory.tokens.splice(memory.tokens.indexOf(held), 1)
  const claimNext = random.chance(40) ? work(random) : undefined
  if (share < 70) return { command: 'complete', ...of, result: share, claimNext }
  if (share < 85)
    return { command: 'fail', ...of, error: 'it did not work', retryInMs: random.between(0, 200), claimNext }
  return { command: 'release', ...of }
}

const someTasks = (random: Random) =>
  Array.from({ length: random.between(1, 3) }, () => ({
    kind: random.oneOf(kinds) as string,
    priority: random.between(0, 9),
    title: 'é🦊'.repeat(random.between(0, 12)),
    needs: random.chance(20) ? [random.oneOf(taskIds) as string] : undefined,
    taskId: random.chance(70) ? (random.oneOf(taskIds) as string) : undefined,
    maxAttempts: random.between(1, 4),
  }))

const byThePerson = (random: Random): CommandInput => {
  const taskId = random.oneOf(taskIds) as string
  const kind = random.oneOf(kinds) as string
  const orders: ReadonlyArray<CommandInput> = [
    { command: 'hold', taskId },
    { command: 'unhold', taskId },
    { command: 'cancel', taskId },
    { command: 'retry', taskId },
    { command: 'note', taskId, text: 'seen' },
    { command: 'amend', taskId, priority: random.between(0, 9) },
    { command: 'pause', kind },
    { command: 'resume', kind },
    { command: 'limit', kind, limit: random.chance(50) ? null : random.between(1, 3) },
  ]
  return random.oneOf(orders) as CommandInput
}
