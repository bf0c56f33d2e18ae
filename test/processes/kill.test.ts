import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { cleanEnvironment } from '../support/claimlog-process.ts'
import { ndjson } from '../support/cli-workspace.ts'
import { describeEachLog } from '../support/log/each-log.ts'
import { chooseCount } from '../support/machine/select-cases.ts'
import { type PrintedClaim, listClaims, type LogLine, numbersFromOne } from '../support/workspace-on-disk.ts'

const program = fileURLToPath(new URL('../programs/claim-in-a-burst.mjs', import.meta.url))
const tasksPerRound = 500

/**
 * Starts a process that claims in a burst and kills it `delayMs` after it has printed `claimCount` claims; returns every
 * claim that it printed in full.
 */
const claimUntilKilled = async (
  address: string,
  worker: string,
  claimCount: number,
  delayMs: number,
): Promise<ReadonlyArray<PrintedClaim>> => {
  const child = spawn(process.execPath, [program, address, worker, 'race'], {
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

describeEachLog('a process that is killed while it claims, and while it completes and claims in one step', log => {
  const rounds = log.size(chooseCount(20, 8), 4)

  it('leaves a log with every claim that it had printed, which the next command can use', async () => {
    const place = await log.newWorkspace()
    const printedClaims: Array<PrintedClaim> = []
    let unclaimed = 0
    // For the claim after a kill, if the burst has claimed every task of its kind.
    const spare = numbersFromOne(rounds).map(() => ({ kind: 'spare' }))
    expect((await place.run(['add', '-'], ndjson(...spare))).status).toBe(0)
    for (const round of numbersFromOne(rounds)) {
      if (unclaimed < tasksPerRound / 2) {
        await place.addTasks(`round-${round}`, tasksPerRound)
        unclaimed += tasksPerRound
      }
      printedClaims.push(...(await claimUntilKilled(place.address, `burst-${round}`, (round * 7) % 23, round % 4)))
      const args =
        round % 2 === 0
          ? ['verify']
          : ['claim', 'next', countUnclaimed(await place.readLines(), 'race') > 0 ? 'race' : 'spare']
      const next = await place.run(args)
      expect({ round, status: next.status, stderr: next.stderr }).toEqual({ round, status: 0, stderr: '' })
      const lines = await place.readLines()
      const claims = listClaims(lines)
      const inLog = new Map(claims.map(claim => [claim.token, claim]))
      expect(printedClaims.map(({ token }) => inLog.get(token))).toEqual(printedClaims)
      expect(new Set(claims.map(claim => claim.task_id)).size).toBe(claims.length)
      expect(findPartialDecisions(lines)).toEqual([])
      unclaimed = countUnclaimed(lines, 'race')
    }
    expect(printedClaims.length).toBeGreaterThan(rounds)
    expect((await place.readLines()).filter(({ event }) => event === 'completed').length).toBeGreaterThan(rounds)
  }, 600_000)
})
