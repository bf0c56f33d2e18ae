import type { CommandInput } from '@claimlog/workspace'
import type { Random } from '../support/random.ts'

/** A worker's memory, which survives the death of its process: its claims and its requests. */
export type WorkerMemory = {
  readonly worker: string
  readonly tokens: Array<{ readonly taskId: string; readonly token: number }>
  /** Commands with a request id, to be repeated verbatim. */
  readonly requests: Array<CommandInput>
  commandCount: number
}

const kinds = ['docs', 'ci'] as const
const taskIds = Array.from({ length: 14 }, (_, i) => `t${i + 1}`)

/** The next command of a worker: mostly claims and ends of its claims. */
export const drawCommand = (memory: WorkerMemory, random: Random): CommandInput => {
  if (memory.requests.length > 0 && random.chance(15)) return random.oneOf(memory.requests) as CommandInput
  memory.commandCount += 1
  const by = `${memory.worker}-${memory.commandCount}`
  const input = { ...drawBody(memory, random), by }
  if (!random.chance(30)) return input
  const request = { ...input, requestId: by }
  memory.requests.push(request)
  return request
}

const drawBody = (memory: WorkerMemory, random: Random): CommandInput => {
  const { worker, tokens } = memory
  const percent = random.between(0, 99)
  if (percent < 40)
    return { command: 'claim', worker, ...drawClaimOptions(random), count: random.chance(15) ? 3 : undefined }
  const claimRef = random.oneOf(tokens)
  if (percent < 70 && claimRef !== undefined) return drawClaimEnd(memory, claimRef, random)
  if (percent < 85) return { command: 'add', tasks: drawTasks(random) }
  return drawOperatorCommand(random)
}

/** The kinds and the lease of a claim. */
const drawClaimOptions = (
  random: Random,
): { readonly kinds: ReadonlyArray<string>; readonly leaseMs: number | null } => ({
  kinds: random.chance(50) ? [] : [random.oneOf(kinds) as string],
  leaseMs: random.chance(10) ? null : random.between(20, 3000),
})

const drawClaimEnd = (
  memory: WorkerMemory,
  claimRef: { taskId: string; token: number },
  random: Random,
): CommandInput => {
  const holder = { worker: memory.worker, ...claimRef }
  const percent = random.between(0, 99)
  if (percent < 20) return { command: 'renew', ...holder, leaseMs: random.between(20, 3000) }
  memory.tokens.splice(memory.tokens.indexOf(claimRef), 1)
  const claimNext = random.chance(40) ? drawClaimOptions(random) : undefined
  if (percent < 70) return { command: 'complete', ...holder, result: percent, claimNext }
  if (percent < 85)
    return { command: 'fail', ...holder, error: 'it did not work', retryInMs: random.between(0, 200), claimNext }
  return { command: 'release', ...holder }
}

const drawTasks = (random: Random) =>
  Array.from({ length: random.between(1, 3) }, () => ({
    kind: random.oneOf(kinds) as string,
    priority: random.between(0, 9),
    title: 'é🦊'.repeat(random.between(0, 12)),
    needs: random.chance(20) ? [random.oneOf(taskIds) as string] : undefined,
    taskId: random.chance(70) ? (random.oneOf(taskIds) as string) : undefined,
    maxAttempts: random.between(1, 4),
  }))

const drawOperatorCommand = (random: Random): CommandInput => {
  const taskId = random.oneOf(taskIds) as string
  const kind = random.oneOf(kinds) as string
  const commands: ReadonlyArray<CommandInput> = [
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
  return random.oneOf(commands) as CommandInput
}
