import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { run } from '../support/claimlog-process.ts'
import { chooseCount } from '../support/machine/select-cases.ts'
import type { Lie } from './faults.ts'
import { runHistory } from './history.ts'

const histories = chooseCount(10_000, 2500)
const program = fileURLToPath(new URL('run.mjs', import.meta.url))

/** The first of 50 histories in which the checks notice the lie of the machine. */
const findFirstNoticed = async (lie: Lie): Promise<number | undefined> => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const { problems } = await runHistory(seed, { lie })
    if (problems.length > 0) return seed
  }
  return undefined
}

describe('the answers to workers', () => {
  it(`hold in ${histories} histories of faults, kills, pauses, power cuts and clock jumps`, async () => {
    const result = await run(process.execPath, [program, '--histories', String(histories)], { cwd: process.cwd() })
    // Failed seeds are on stdout, each with the command that prints the history in full.
    expect({ status: result.status, stdout: result.stdout }).toEqual({ status: 0, stdout: '' })
    expect(result.stderr).toMatch(new RegExp(`^${histories} of ${histories} histories, .* 0 failed, \\d+ s\n$`))
  }, 900_000)

  it('are the same again, with the whole history, for the same seed', async () => {
    const repeatedRuns = await Promise.all(
      [7, 7].map(async seed => {
        const lines: Array<string> = []
        const outcome = await runHistory(seed, { note: line => lines.push(line()) })
        return { lines, outcome }
      }),
    )
    expect(repeatedRuns[0]?.lines.length).toBeGreaterThan(20)
    expect(repeatedRuns[1]).toEqual(repeatedRuns[0])
  })

  it.each<Lie>(['sync', 'lock'])('do not hold on a machine whose %s does nothing, and the checks notice', async lie => {
    expect(await findFirstNoticed(lie)).toBeDefined()
  })
})
