import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../support/claimlog-process.ts'
import { runSoak } from './soak.ts'

const seed = Number(process.env.SOAK_SEED ?? 20_261_129)
const root = fileURLToPath(new URL('../..', import.meta.url))

it.runIf(process.platform === 'linux')(
  `workers that are killed, paused or asked to exit finish every task correctly and leave no orphans (seed ${seed})`,
  async () => {
    const report = await runSoak({ root, scratch: temporaryDirectory(), seed, seconds: 30 })
    expect(report).toMatchObject({ seed, problems: [] })
    const { claims, disturbances } = report
    const { completed, failed } = claims
    const { kills, stops } = disturbances
    expect(Object.entries({ completed, failed, kills, stops }).filter(([, count]) => count === 0)).toEqual([])
  },
  600_000,
)
