import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, cleanEnvironment } from '../support/claimlog-process.ts'
import {
  addTasks,
  type AnsweredClaim,
  claimsIn,
  logOf,
  type LogLine,
  newWorkspace,
  upTo,
} from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-in-a-burst.mjs', import.meta.url))
const rounds = 20
const tasksAtATime = 500

/**
 * Has a process claim in a burst and kills it once it has printed `answers` claims and `delayMs` have passed; answers
 * with every claim that it printed in full.
 */
const killedInTheMiddle = async (
  dir: string,
  worker: string,
  answers: number,
  delayMs: number,
): Promise<ReadonlyArray<AnsweredClaim>> => {
  const child = spawn(process.execPath, [program, dir, worker], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  let doomed = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (doomed || printed.split('\n').length <= answers) return
    doomed = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  return printed
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as AnsweredClaim)
}

/** The completions without the claim that was decided with each; an unfinished decision at the end never happened. */
const halves = (log: ReadonlyArray<LogLine>): ReadonlyArray<LogLine> =>
  log.filter(({ event, worker, more, ...line }, i) => {
    const next = log[i + 1]
    if (event !== 'completed' || (more === true && next === undefined)) return false
    return more !== true || next?.event !== 'claimed' || next.worker !== worker || next['time'] !== line['time']
  })

describe('a process that is killed while it claims, and while it completes and claims in one step', () => {
  it('leaves a log that holds all it had answered, and that the next command goes on with', async () => {
    const dir = await newWorkspace()
    const answered: Array<AnsweredClaim> = []
    let open = 0
    for (const round of upTo(rounds)) {
      if (open < tasksAtATime / 2) {
        await addTasks(dir, `round-${round}`, tasksAtATime)
        open += tasksAtATime
      }
      answered.push(...(await killedInTheMiddle(dir, `burst-${round}`, (round * 7) % 23, round % 4)))
      const words = round % 2 === 0 ? ['verify'] : ['claim', 'next', 'race']
      const next = await claimlog([...words, '--dir', dir], { cwd: dir })
      expect({ round, status: next.status, stderr: next.stderr }).toEqual({ round, status: 0, stderr: '' })
      const claims = claimsIn(logOf(dir))
      const inLog = new Map(claims.map(claim => [claim.token, claim]))
      expect(answered.map(({ token }) => inLog.get(token))).toEqual(answered)
      expect(new Set(claims.map(claim => claim.task_id)).size).toBe(claims.length)
      expect(halves(logOf(dir))).toEqual([])
      open = logOf(dir).filter(({ event }) => event === 'added').length - claims.length
    }
    expect(answered.length).toBeGreaterThan(rounds)
    expect(logOf(dir).filter(({ event }) => event === 'completed').length).toBeGreaterThan(rounds)
  }, 600_000)
})
