import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { type Event, lineCodec } from '@claimlog/domain'
import { type CommandInput, type CommandResult, openWorkspace, type Workspace } from '@claimlog/workspace'
import { openPostgresLog } from '../../../packages/event-log-postgres/src/index.ts'
import { seededRandom } from '../../programs/seeded-random.mjs'
import type { WorkerAnswer, CallLine, WorkerSettings } from './journal.ts'

/** A worker process with random behaviour. It journals each call before and each answer after it, until SIGTERM. */
const settings = JSON.parse(process.argv[2] ?? '') as WorkerSettings
const { worker, journal, clockOffsetMs, location, lockTimeoutMs } = settings
const random = seededRandom(settings.seed)
const machineNow = Date.now
Date.now = () => machineNow() + clockOffsetMs

type HeldClaim = { readonly taskId: string; readonly token: number }

const claims: Array<HeldClaim> = []
let callCount = 0
let isWorking = true

const write = (line: CallLine): void => appendFileSync(journal, `${JSON.stringify(line)}\n`)

/** Journals a call and its answer, of which it takes what is to be judged. */
const journaled = async <A>(
  input: CommandInput,
  run: () => Promise<A>,
  toAnswer: (result: A) => WorkerAnswer,
): Promise<A> => {
  const number = (callCount += 1)
  write({ call: number, atMs: machineNow(), worker, input })
  const result = await run()
  write({ call: number, atMs: machineNow(), answer: toAnswer(result) })
  return result
}

const call = (workspace: Workspace, input: CommandInput): Promise<WorkerAnswer> =>
  journaled(
    input,
    async () => (await workspace.run(input)()) as WorkerAnswer,
    answer => answer,
  )

/** No command, but it must not fail either. */
const openInput = { command: 'open-log' } as unknown as CommandInput

const openLog = () =>
  journaled(
    openInput,
    () => openPostgresLog<Event>({ location, codec: lineCodec, lockTimeoutMs })(),
    log => (E.isLeft(log) ? log : E.right({} as CommandResult)),
  )

/** A request whose outcome is unknown is repeated, with the same id, until it is known. */
const ask = async (workspace: Workspace, input: CommandInput): Promise<WorkerAnswer> => {
  const requestId = random.chance(50) ? `${process.pid}-${callCount}` : undefined
  const request = requestId === undefined ? input : { ...input, requestId }
  for (;;) {
    const answer = await call(workspace, request)
    const isUnknown = E.isLeft(answer) && answer.left.failure === 'OutcomeUnknown'
    if (!isUnknown || requestId === undefined || !isWorking) return answer
  }
}

const kinds = ['docs', 'ci']

const add = (workspace: Workspace): Promise<WorkerAnswer> => {
  const payload = { id: `${process.pid}-${callCount}` }
  const task = { kind: random.oneOf(kinds), payload, maxAttempts: 100 }
  return ask(workspace, { command: 'add', tasks: [task] } as unknown as CommandInput)
}

const claim = async (workspace: Workspace): Promise<void> => {
  const leaseMs = random.chance(40) ? random.between(500, 3000) : 60_000
  const input = { command: 'claim', worker, kinds: [random.oneOf(kinds)], leaseMs }
  const answer = await ask(workspace, input as unknown as CommandInput)
  if (E.isLeft(answer)) {
    await add(workspace)
    return
  }
  for (const { task, claim } of answer.right.tasks)
    if (claim !== undefined) claims.push({ taskId: task.id, token: claim.token })
}

const report = async (workspace: Workspace, held: HeldClaim): Promise<void> => {
  const percent = random.between(1, 100)
  const input = { worker, ...held }
  if (percent <= 50) await ask(workspace, { command: 'complete', ...input })
  else if (percent <= 65) await ask(workspace, { command: 'fail', ...input, error: 'no disk' })
  else if (percent <= 85) {
    const renewed = await ask(workspace, { command: 'renew', ...input, leaseMs: 90_000 })
    if (E.isRight(renewed)) claims.push(held)
  } else if (percent <= 92) await ask(workspace, { command: 'release', ...input })
  // The rest is forgotten, and its lease expires.
}

const step = async (workspace: Workspace): Promise<void> => {
  const held = claims.shift()
  if (held !== undefined) return report(workspace, held)
  if (random.chance(20)) await add(workspace)
  else await claim(workspace)
}

const main = async (): Promise<void> => {
  process.on('SIGTERM', () => (isWorking = false))
  while (isWorking) {
    const log = await openLog()
    if (E.isLeft(log)) {
      if (log.left.failure !== 'Unreachable') throw new Error(JSON.stringify(log.left))
      continue
    }
    const workspace = openWorkspace({ log: log.right })
    for (let steps = random.between(50, 500); isWorking && steps > 0; steps -= 1) {
      await step(workspace)
      if (random.chance(5)) await sleep(random.between(0, 20))
    }
    await workspace.close()
  }
}

void main()
