import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { claimlog, cleanEnvironment } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'
import {
  addTasks,
  type PrintedClaim,
  listClaims,
  readLogLines,
  type LogLine,
  newWorkspace,
  numbersFromOne,
} from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-in-a-burst.mjs', import.meta.url))
const rounds = 20
const tasksPerRound = 500

/**
 * Starts a process that claims in a burst and kills it `delayMs` after it has printed `claimCount` claims; returns every
 * claim that it printed in full.
 */
const claimUntilKilled = async (
  dir: string,
  worker: string,
  claimCount: number,
  delayMs: number,
): Promise<ReadonlyArray<PrintedClaim>> => {
  const child = spawn(process.execPath, [program, dir, worker, 'race'], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  let isKillScheduled = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (isKillScheduled || printed.split('\n').length <= claimCount) return
    isKillScheduled = true
    setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  return printed
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as PrintedClaim)
}

/**
 * The completions without the claim of the same decision. An incomplete decision at the end of the log does not count.
 */
const findPartialDecisions = (log: ReadonlyArray<LogLine>): ReadonlyArray<LogLine> =>
  log.filter(({ event, worker, more, ...line }, i) => {
    const next = log[i + 1]
    if (event !== 'completed' || (more === true && next === undefined)) return false
    return more !== true || next?.event !== 'claimed' || next.worker !== worker || next['time'] !== line['time']
  })

/** The number of tasks of a kind that were added and never claimed. */
const countUnclaimed = (log: ReadonlyArray<LogLine>, wantedKind: string): number => {
  const claimed = new Set(listClaims(log).map(({ task_id }) => task_id))
  return log.filter(
    ({ event, kind, task_id }) => event === 'added' && kind === wantedKind && !claimed.has(String(task_id)),
  ).length
}

describe('a process that is killed while it claims, and while it completes and claims in one step', () => {
  it('leaves a log with every claim that it had printed, which the next command can use', async () => {
    const dir = await newWorkspace()
    const printedClaims: Array<PrintedClaim> = []
    let unclaimed = 0
    // For the claim after a kill, if the burst has claimed every task of its kind.
    const spare = numbersFromOne(rounds).map(() => ({ kind: 'spare' }))
    expect((await claimlog(['add', '-', '--dir', dir], { cwd: dir, input: ndjson(...spare) })).status).toBe(0)
    for (const round of numbersFromOne(rounds)) {
      if (unclaimed < tasksPerRound / 2) {
        await addTasks(dir, `round-${round}`, tasksPerRound)
        unclaimed += tasksPerRound
      }
      printedClaims.push(...(await claimUntilKilled(dir, `burst-${round}`, (round * 7) % 23, round % 4)))
      const args =
        round % 2 === 0
          ? ['verify']
          : ['claim', 'next', countUnclaimed(readLogLines(dir), 'race') > 0 ? 'race' : 'spare']
      const next = await claimlog([...args, '--dir', dir], { cwd: dir })
      expect({ round, status: next.status, stderr: next.stderr }).toEqual({ round, status: 0, stderr: '' })
      const claims = listClaims(readLogLines(dir))
      const inLog = new Map(claims.map(claim => [claim.token, claim]))
      expect(printedClaims.map(({ token }) => inLog.get(token))).toEqual(printedClaims)
      expect(new Set(claims.map(claim => claim.task_id)).size).toBe(claims.length)
      expect(findPartialDecisions(readLogLines(dir))).toEqual([])
      unclaimed = countUnclaimed(readLogLines(dir), 'race')
    }
    expect(printedClaims.length).toBeGreaterThan(rounds)
    expect(readLogLines(dir).filter(({ event }) => event === 'completed').length).toBeGreaterThan(rounds)
  }, 600_000)
})
