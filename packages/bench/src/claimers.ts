import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Durability } from '@claimlog/event-log-file'
import type { Shift, Work } from './claimer-process.ts'
import { plainEnvironment } from './machine.ts'
import { nowMs } from './measuring.ts'

/** How long processes work before they count, and then how long they count. */
export type Span = { readonly warmUpMs: number; readonly countMs: number }

/** Cycles per second of all processes together, and of each. */
export type ClaimRate = {
  readonly perSecond: number
  readonly perProcess: ReadonlyArray<number>
  readonly slowestMs: number
}

const program = fileURLToPath(new URL('./claimer-process.js', import.meta.url))

/**
 * Lets `processes` processes claim and complete in the workspace at `dir`. They start together once each has read the
 * log: whoever comes first would otherwise have the tasks for itself.
 */
export const claimTogether = async (
  dir: string,
  durability: Durability,
  processes: number,
  { warmUpMs, countMs }: Span,
): Promise<ClaimRate> => {
  const children = Array.from({ length: processes }, (_, i) =>
    fork(program, [dir, durability, `worker-${i + 1}`], { env: plainEnvironment() }),
  )
  try {
    await Promise.all(children.map(child => nextMessage(child)))
    const countFromMs = nowMs() + warmUpMs
    const shift: Shift = { countFromMs, untilMs: countFromMs + countMs }
    const done = children.map(child => nextMessage(child) as Promise<Work>)
    for (const child of children) child.send(shift)
    const works = await Promise.all(done)
    const countedMs = Math.min(...works.map(work => work.countedMs))
    if (countedMs < countMs / 4) throw new Error('the tasks ran out too early: more must be loaded')
    const perProcess = works.map(work => (work.cycles * 1000) / work.countedMs)
    return {
      perSecond: perProcess.reduce((sum, rate) => sum + rate, 0),
      perProcess,
      slowestMs: Math.max(...works.map(work => work.slowestMs)),
    }
  } finally {
    for (const child of children) child.kill()
  }
}

const nextMessage = async (child: ChildProcess): Promise<unknown> => {
  const abandoned = new AbortController()
  const { signal } = abandoned
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]: Array<unknown>) => message),
      once(child, 'exit', { signal }).then(([code]: Array<unknown>) => {
        throw new Error(`a claimer ended with code ${String(code)} before it had answered`)
      }),
    ])
  } finally {
    abandoned.abort()
  }
}
