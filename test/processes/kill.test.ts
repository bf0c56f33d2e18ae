import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, cleanEnvironment } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'
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
 * Starts a process that claims in a burst and kills it `delayMs` after it has printed `answers` claims; returns every
 * claim that it printed in full.
 */
const killedInTheMiddle = async (
  dir: string,
  worker: string,
  answers: number,
  delayMs: number,
): Promise<ReadonlyArray<AnsweredClaim>> => {
  const child = spawn(process.execPath, [program, dir, worker, 'race'], {
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

/**
 * The completions without the claim of the same decision. An incomplete decision at the end of the log does not count.
 */
const halves = (log: ReadonlyArray<LogLine>): ReadonlyArray<LogLine> =>
  log.filter(({ event, worker, more, ...line }, i) => {
    const next = log[i + 1]
    if (event !== 'completed' || (more === true && next === undefined)) return false
    return more !== true || next?.event !== 'claimed' || next.worker !== worker || next['time'] !== line['time']
  })

/** The number of tasks of a kind that were added and never claimed. */
const openOf = (log: ReadonlyArray<LogLine>, wanted: string): number => {
  const claimed = new Set(claimsIn(log).map(({ task_id }) => task_id))
  return log.filter(({ event, kind, task_id }) => event === 'added' && kind === wanted && !claimed.has(String(task_id)))
    .length
}

describe('a process that is killed while it claims, and while it completes and claims in one step', () => {
  it('leaves a log with every claim that it had printed, which the next command can use', async () => {
    const dir = await newWorkspace()
    const answered: Array<AnsweredClaim> = []
    let open = 0
    // For the claim after a kill, if the burst has claimed every task of its kind.
    const spare = upTo(rounds).map(() => ({ kind: 'spare' }))
    expect((await claimlog(['add', '-', '--dir', dir], { cwd: dir, input: ndjson(...spare) })).status).toBe(0)
    for (const round of upTo(rounds)) {
      if (open < tasksAtATime / 2) {
        await addTasks(dir, `round-${round}`, tasksAtATime)
        open += tasksAtATime
      }
      answered.push(...(await killedInTheMiddle(dir, `burst-${round}`, (round * 7) % 23, round % 4)))
      const words = round % 2 === 0 ? ['verify'] : ['claim', 'next', openOf(logOf(dir), 'race') > 0 ? 'race' : 'spare']
      const next = await claimlog([...words, '--dir', dir], { cwd: dir })
      expect({ round, status: next.status, stderr: next.stderr }).toEqual({ round, status: 0, stderr: '' })
      const claims = claimsIn(logOf(dir))
      const inLog = new Map(claims.map(claim => [claim.token, claim]))
      expect(answered.map(({ token }) => inLog.get(token))).toEqual(answered)
      expect(new Set(claims.map(claim => claim.task_id)).size).toBe(claims.length)
      expect(halves(logOf(dir))).toEqual([])
      open = openOf(logOf(dir), 'race')
    }
    expect(answered.length).toBeGreaterThan(rounds)
    expect(logOf(dir).filter(({ event }) => event === 'completed').length).toBeGreaterThan(rounds)
  }, 600_000)
})
